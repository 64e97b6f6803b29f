import { quantity } from '../../../lib/numbers.ts';
import { fetchBlocked } from '../../app/fetching.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { isHalfFinished, writeRefused } from '../../app/jobs.ts';
import { numberOf } from '../../present/evidence.ts';
import type { Binding, Context } from '../../screen.ts';
import { databaseBindings } from '../databases.ts';
import { filterBinding, isFiltering } from '../filter.ts';
import { scrollBindings } from '../scrolling.ts';
import { databasesOf, driftArguments, objectAt, unrecordedIn, type DriftState } from './state.ts';

type Row = Binding<DriftState>;

/** In the footer while nothing lies over the page and no letters are text. */
function place(
  number: number,
  when: (state: DriftState, context: Context) => boolean = () => true,
): NonNullable<Row['footer']> {
  return (state, context) => (state.choice === undefined && when(state, context) ? number : undefined);
}

const job = jobKeys<DriftState>(({ environment }) => environment);

const reading: readonly Row[] = [
  {
    keys: ['n'],
    action: 'next',
    label: 'next',
    help: 'the next difference, then the next object',
    group: 'view',
    footer: place(1, differs),
    blocked: whyNothing,
  },
  {
    keys: ['N'],
    action: 'previous',
    label: 'last',
    help: 'the difference before',
    group: 'view',
    blocked: whyNothing,
  },
  {
    keys: ['tab'],
    action: 'pane',
    label: ({ pane }) => (pane === 'objects' ? 'text' : 'objects'),
    help: 'the pane that the moving keys move through: the objects, or the text',
    group: 'move',
    footer: place(2, (state) => differs(state) && state.zoom === 'none' && state.filter.typing === 'set'),
    blocked: whyNothing,
  },
  { keys: ['h', 'left'], action: 'left', label: 'objects', help: 'the objects', group: 'move' },
  { keys: ['l', 'right'], action: 'right', label: 'text', help: 'the text', group: 'move' },
  {
    keys: ['enter'],
    action: 'open',
    label: ({ filter, choice }) =>
      choice
        ? choice.of === 'others'
          ? 'compare'
          : 'write'
        : filter.typing === 'typing'
          ? 'done'
          : 'text in full',
    help: 'the text over the whole screen; in a list, takes what is under the cursor',
    group: 'open',
    footer: (state) => (state.choice || state.filter.typing === 'typing' ? 0 : undefined),
    blocked: (state) => (state.choice || state.filter.typing === 'typing' ? undefined : whyNoText(state)),
  },
  {
    keys: ['z'],
    action: 'zoom',
    label: ({ zoom }) => (zoom === 'none' ? 'zoom' : 'objects'),
    help: 'the text over the whole screen, and back',
    group: 'view',
    footer: place(3, differs),
    blocked: whyNoText,
  },
];

const taking: readonly Row[] = [
  {
    keys: ['x'],
    action: 'export',
    label: 'draft SQL',
    help: 'drafts SQL that would bring the environment to what it is compared with, as a file or a migration',
    group: 'take',
    footer: place(4, differs),
    blocked: whyNothing,
    command: (state) => [...driftArguments(state), '--format', 'sql'],
  },
  {
    keys: ['m'],
    action: 'record',
    label: (state, context) => recordWords(unrecordedIn(state, context)),
    help: 'opens the review of recording what is there without a record',
    group: 'jobs',
    footer: place(5, (state, context) => unrecordedIn(state, context).length > 0),
    blocked: whyNoRecord,
    command: (state, context) => recordCommand(state, unrecordedIn(state, context)),
  },
  job('ways', {
    footer: place(5, ({ environment }, { environments }) =>
      isHalfFinished({ status: environments.get(environment)?.status }),
    ),
  }),
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy',
    help: 'both texts of the object, to the clipboard',
    group: 'take',
    blocked: whyNoText,
  },
];

const going: readonly Row[] = [
  {
    keys: ['c'],
    action: 'compare',
    label: 'with another',
    help: 'compares with its migrations, another environment, a backup, or all of them',
    group: 'jobs',
    footer: place(6),
    command: driftArguments,
  },
  {
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    action: 'number',
    label: 'choose',
    help: 'in a list over the page, the one with this number',
    group: 'move',
    footer: ({ choice }) => (choice ? 1 : undefined),
    blocked: ({ choice }) => (choice ? undefined : 'c shows what it can be compared with'),
  },
  filterBinding({
    help: 'only objects with this text in their name, kind or cause',
    footer: place(7, differs),
    blocked: whyNothing,
  }),
  ...databaseBindings<DriftState>(({ environment }, context) => databasesOf(environment, context)),
  job('fetch', {
    footer: place(8, (state, context) => {
      const beside = state.than.kind === 'environment';
      return beside && differs(state) && fetchBlocked(state.environment, context) === undefined;
    }),
  }),
  job('runs'),
  {
    keys: ['r'],
    action: 'refresh',
    label: 'read again',
    help: 'reads both sides again',
    group: 'always',
    footer: ({ reading: { kind } }) => (kind === 'failed' ? 0 : undefined),
  },
  {
    keys: ['esc'],
    action: 'leave',
    label: (state) => escWord(state),
    help: 'back; closes the list, the zoom or the filter first',
    group: 'always',
    footer: 100,
  },
];

/** The keys of drift. */
export const bindings: readonly Row[] = [...reading, ...taking, ...going, ...scrollBindings];

function escWord({ choice, zoom, filter }: DriftState): string {
  if (choice) return 'close';
  if (zoom === 'text') return 'objects';
  return isFiltering(filter) ? 'clear the filter' : 'back';
}

function differs({ known }: DriftState): boolean {
  return known?.report.equal === false;
}

function whyNothing(state: DriftState): string | undefined {
  if (differs(state)) return undefined;
  return state.known ? 'nothing differs' : 'it is being read';
}

function whyNoText(state: DriftState): string | undefined {
  return objectAt(state) ? undefined : (whyNothing(state) ?? 'there is no text of it');
}

function whyNoRecord(state: DriftState, context: Context): string | undefined {
  const environment = context.environments.get(state.environment);
  const refused = environment && writeRefused(environment);
  if (refused !== undefined) return refused;
  return unrecordedIn(state, context).length > 0 ? undefined : 'nothing is there without a record';
}

function recordWords(tags: readonly string[]): string {
  const [only, ...others] = tags;
  if (only === undefined) return 'record';
  return others.length === 0 ? `record ${numberOf(only)}` : `record ${quantity(tags.length, 'migration')}`;
}

function recordCommand({ environment }: DriftState, tags: readonly string[]): readonly string[] {
  const [only, ...others] = tags;
  const which = only === undefined || others.length > 0 ? [] : ['--only', only];
  return ['recover', environment, '--choose', 'record', ...which];
}
