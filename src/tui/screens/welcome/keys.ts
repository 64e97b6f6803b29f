import type { Binding, Context } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { nothingHere, type WelcomeState } from './state.ts';

export const bindings: readonly Binding<WelcomeState>[] = [
  ...scrollBindings,
  {
    keys: ['enter'],
    action: 'open',
    label: 'open',
    help: 'what the cursor is on',
    group: 'open',
    footer: onChoices(1),
    blocked: ({ page }) => (page.kind === 'choices' ? undefined : 'esc goes back to the choices'),
  },
  {
    keys: ['1', '2', '3'],
    action: 'number',
    label: 'choose',
    help: 'the choice with this number',
    group: 'open',
    footer: onChoices(2),
    blocked: ({ page }) => (page.kind === 'choices' ? undefined : 'esc goes back to the choices'),
  },
  {
    keys: ['!'],
    action: 'write',
    label: 'write this file',
    help: 'write migrate-tui.config.ts as it is shown',
    group: 'jobs',
    footer: ({ page }) => (page.kind === 'config' ? 1 : undefined),
    blocked: ({ page }) =>
      page.kind === 'config' && page.file.kind === 'shown' ? undefined : 'no file is shown',
    command: () => ['init'],
  },
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy',
    help: 'copy the lines that are shown',
    group: 'take',
    footer: (state) => (showsLines(state) ? 2 : undefined),
    blocked: (state) => (showsLines(state) ? undefined : 'no lines are shown'),
  },
  {
    keys: ['esc'],
    action: 'leave',
    label: ({ page }) => (page.kind === 'choices' ? 'environments' : 'back'),
    help: 'back; from the choices to the environments',
    group: 'always',
    footer: ({ page }, context) => (page.kind === 'choices' && nothingHere(context) ? undefined : 10),
    blocked: (state, context) => noWayBack(state, context),
  },
];

function onChoices(place: number) {
  return ({ page }: WelcomeState): number | undefined => (page.kind === 'choices' ? place : undefined);
}

function showsLines({ page }: WelcomeState): boolean {
  return (
    page.kind === 'needs' || page.kind === 'folder' || (page.kind === 'config' && page.file.kind === 'shown')
  );
}

function noWayBack({ page }: WelcomeState, context: Context): string | undefined {
  if (page.kind === 'config' && page.file.kind === 'writing') return 'the file is being written';
  return page.kind === 'choices' && nothingHere(context) ? 'there are no environments' : undefined;
}
