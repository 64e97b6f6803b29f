import type { ReactElement } from 'react';
import type { Signs } from '../../../lib/signs.ts';
import { quantity } from '../../../lib/numbers.ts';
import { Lines } from '../../components/text.tsx';
import { columns, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { Binding, Context, Message, RequestOf, Screen, Step, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { air } from '../page.ts';

interface WelcomeState {
  readonly at: number;
}

interface Choice {
  readonly title: string;
  readonly says: string;
  readonly action: 'look' | 'config' | 'demo' | 'needs' | 'folder';
}

/** The first start: what was found and where, or where was looked in vain. */
export const welcome: Screen<WelcomeState, RequestOf<'welcome'>> = {
  name: 'welcome',
  open: () => ({ state: { at: 0 } }),
  reduce,
  bindings: keys(),
  header: (_state, context) => ({
    path: [],
    right: [{ text: headline(context), tone: 'dim' }],
  }),
  View,
};

function keys(): readonly Binding<WelcomeState>[] {
  return [
    {
      keys: ['enter'],
      action: 'open',
      label: 'open',
      help: 'what the cursor is on',
      group: 'open',
      footer: 1,
    },
    {
      keys: ['1', '2', '3'],
      action: 'number',
      label: 'choose',
      help: 'the choice with this number',
      group: 'open',
      footer: 2,
    },
    { keys: ['j', 'down'], action: 'down', label: 'down', help: 'the choice below', group: 'move' },
    { keys: ['k', 'up'], action: 'up', label: 'up', help: 'the choice above', group: 'move' },
    {
      keys: ['esc'],
      action: 'leave',
      label: 'environments',
      help: 'to the environments',
      group: 'always',
      blocked: (_state, context) => (nothingHere(context) ? 'there are none' : undefined),
    },
  ];
}

function headline(context: Context): string {
  if (context.failure) return 'nothing was read';
  return nothingHere(context) ? 'nothing to migrate here' : 'no migrate-tui.config yet';
}

function nothingHere({ opening }: Context): boolean {
  return opening === undefined || opening.environments.length === 0;
}

function choicesOf(context: Context): readonly Choice[] {
  const practise = {
    title: 'practise',
    says: 'a demo project in ./migrate-tui-demo, no network',
    action: 'demo',
  } as const;
  if (nothingHere(context)) {
    return [
      practise,
      { title: 'name a folder', says: 'where the SQL files are', action: 'folder' },
      {
        title: 'what Drizzle needs',
        says: 'the three lines of drizzle.config.ts that matter',
        action: 'needs',
      },
    ];
  }
  return [
    { title: 'look at them now', says: 'reads them, writes nothing', action: 'look' },
    { title: 'write a config', says: 'migrate-tui.config.ts, shown before it is written', action: 'config' },
    practise,
  ];
}

function reduce(state: WelcomeState, message: Message, context: Context): Step<WelcomeState> {
  if (message.kind !== 'action') return { state };
  const choices = choicesOf(context);
  switch (message.action) {
    case 'down':
      return { state: { at: Math.min(choices.length - 1, state.at + 1) } };
    case 'up':
      return { state: { at: Math.max(0, state.at - 1) } };
    case 'number':
      return chosen({ at: Number(message.key.name) - 1 }, choices);
    case 'open':
      return chosen(state, choices);
    case 'leave':
      return { state, effects: [{ kind: 'back' }] };
    default:
      return { state };
  }
}

/** What writes files is a command of its own, so that nothing is written from a first look. */
function chosen(state: WelcomeState, choices: readonly Choice[]): Step<WelcomeState> {
  const say = (text: string): Step<WelcomeState> => ({
    state,
    effects: [{ kind: 'say', level: 'error', text }],
  });
  switch (choices[state.at]?.action) {
    case 'look':
      return { state, effects: [{ kind: 'back' }] };
    case 'config':
      return say('q, then: npx migrate-tui init. It shows the file and asks before it writes.');
    case 'demo':
      return say('q, then: npx migrate-tui demo. It makes ./migrate-tui-demo and opens it.');
    case 'folder':
      return say('migrate-tui.config.json: { "databases": { "app": { "migrations": "FOLDER" } } }; then r.');
    case 'needs':
      return say(
        "drizzle.config.ts needs: dialect: 'turso', out: './drizzle', dbCredentials: { url }; then r.",
      );
    case undefined:
      return { state };
  }
}

function View({ state, context }: ViewProps<WelcomeState>): ReactElement {
  const signs = useSigns();
  const found = nothingHere(context) ? nothingLines(signs, context) : foundLines(signs, context);
  const choices = choicesOf(context).map((choice, index) =>
    columns(signs, [
      { content: say(index === state.at ? `${signs.cursor} ` : '  ', 'accent'), width: 2 },
      { content: say(`${index + 1} ${choice.title}`, index === state.at ? 'accent' : 'text'), width: 25 },
      { content: say(choice.says, 'dim'), width: Math.max(1, context.columns - 28) },
    ]),
  );
  return <Lines lines={[...air(context), ...found, [], ...choices].slice(0, context.rows)} />;
}

function foundLines(signs: Signs, { opening, columns: width }: Context): readonly Line[] {
  const names = opening?.environments.map(({ name }) => name) ?? [];
  const list =
    names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}` : (names[0] ?? '');
  const sources = (opening?.sources ?? []).map(({ file, says }): Line => [
    say('  '),
    say(signs.done, 'ok'),
    ...columns(signs, [
      { content: ` ${file}`, width: 24, cut: 'middle' },
      { content: says, width: Math.max(10, width - 28) },
    ]),
  ]);
  const notes = (opening?.notes ?? []).flatMap((note) =>
    paragraph(`${signs.unknown} ${note}`, { width, tone: 'warn' }),
  );
  const head = `${quantity(names.length, 'environment')} found, ${list}, without any config of migrate-tui:`;
  return [...paragraph(head, { width }), ...sources, ...notes];
}

function nothingLines(signs: Signs, { failure, opening, columns: width }: Context): readonly Line[] {
  if (failure) {
    const next = failure.next === undefined ? [] : paragraph(failure.next, { width });
    return [
      ...paragraph(`${signs.failed} ${failure.message}`, { width }),
      ...paragraph('Nothing was changed.', { width }),
      ...next,
    ];
  }
  return [
    ...paragraph('No migrations were found in this folder or above it, up to the git root.', { width }),
    ...paragraph('looked for   drizzle.config.*, migrate-tui.config.*, numbered SQL', { width }),
    ...paragraph('not changed  nothing was written', { width }),
    ...(opening?.notes ?? []).flatMap((note) => paragraph(note, { width, tone: 'warn' })),
  ];
}
