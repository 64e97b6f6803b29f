import type { SquashReport } from '../../../operations/squash/report.ts';
import type { Binding } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { otherEnd } from './reduce.ts';
import { argumentsOf, isTidyable, rowAt, whyNotWritten, type SquashState } from './state.ts';

type Row = Binding<SquashState>;

export const bindings: readonly Row[] = [
  {
    keys: ['!'],
    action: 'write',
    label: ({ asked }) => (asked.what === 'undo' ? 'put them back' : 'write the one file'),
    help: 'proves it once more and writes the files; no environment is written',
    group: 'jobs',
    footer: (state) => (state.field ? undefined : whyNotWritten(state) === undefined ? 1 : 101),
    blocked: whyNotWritten,
    command: ({ asked }) => argumentsOf(asked, 'write'),
  },
  {
    keys: ['u'],
    action: 'undo',
    label: 'undo',
    help: 'what putting the originals back would do: opens its review',
    group: 'jobs',
    footer: (state) => (whyNoUndo(state) === undefined && !state.field ? 4 : undefined),
    blocked: whyNoUndo,
    command: () => ['squash', '--undo'],
  },
  {
    keys: ['a'],
    action: 'range',
    label: (state) =>
      state.asked.to === undefined ? `up to ${otherEnd(state) ?? 'a migration'}` : 'whole history',
    help: 'the whole history, or the beginning of it that no environment holds up',
    group: 'view',
    footer: (state) => (whyNoRange(state) === undefined && !state.field ? 2 : undefined),
    blocked: whyNoRange,
  },
  {
    keys: ['space'],
    action: 'choose',
    label: (state) =>
      isLeftOut(state) ? 'ask it again' : rowAt(state)?.kind === 'table' ? 'accept' : 'leave out',
    help: 'leave this environment out, by typing its name; accept that rows of this table differ',
    group: 'jobs',
    footer: (state) => (whyNoChoice(state) === undefined && !state.field ? 3 : undefined),
    blocked: whyNoChoice,
  },
  {
    keys: ['enter'],
    action: 'open',
    label: (state) => (state.field ? 'done' : leadsToTidying(state) ? 'review tidying' : 'look at it'),
    help: 'the environment under the cursor, or the review of tidying its records; in a field: done',
    group: 'open',
    footer: (state) => (state.field || rowAt(state)?.kind === 'environment' ? 5 : undefined),
    blocked: (state) => (state.field || rowAt(state) ? undefined : noRow(state)),
  },
  {
    keys: ['m'],
    action: 'tidy',
    label: 'tidy records',
    help: 'make one record of those of squashed files in this environment: opens its review',
    group: 'jobs',
    footer: (state) => (isTidyable(state) && !leadsToTidying(state) && !state.field ? 6 : undefined),
    blocked: (state) => (isTidyable(state) ? undefined : 'there is no record to be tidied here'),
    command: (state) => {
      const row = rowAt(state);
      return row?.kind === 'environment' ? ['squash', '--tidy', row.environment.environment] : undefined;
    },
  },
  {
    keys: ['z'],
    action: 'zoom',
    label: ({ shows }) => (shows === 'file' ? 'review' : 'the one file'),
    help: 'what the one file would hold, over the whole screen, and back',
    group: 'view',
    footer: ({ field, known }) => (field || !known?.report.baseline ? undefined : 4),
    blocked: ({ known }) => (known?.report.baseline ? undefined : 'no file would be written'),
    command: ({ asked }) => [...argumentsOf(asked, 'prove'), '--print'],
  },
  {
    keys: ['x'],
    action: 'export',
    label: 'export',
    help: 'the proofs and the environments, as a file',
    group: 'take',
    footer: ({ field, known }) => (field || !known ? undefined : 8),
    blocked: ({ known }) => (known ? undefined : 'it is being proven'),
  },
  {
    keys: ['r'],
    action: 'refresh',
    label: 'read again',
    help: 'proves it and asks every environment again',
    group: 'always',
    footer: ({ field }) => (field ? undefined : 7),
    blocked: whyBusy,
  },
  {
    keys: ['esc'],
    action: 'leave',
    label: ({ field, known, shows }) => {
      if (field) return 'not now';
      if (shows === 'file') return 'review';
      return known?.report.state === 'possible' ? 'back, nothing written' : 'back';
    },
    help: 'out of the field; back',
    group: 'always',
    footer: 100,
    blocked: ({ reading }) =>
      reading.kind === 'asking' && reading.how === 'write' ? 'the files are being written' : undefined,
  },
  ...scrollBindings,
];

function whyBusy({ reading }: SquashState): string | undefined {
  if (reading.kind !== 'asking') return undefined;
  return reading.how === 'write' ? 'the files are being written' : 'it is being proven';
}

function whyNoUndo(state: SquashState): string | undefined {
  const busy = whyBusy(state);
  if (busy !== undefined) return busy;
  if (state.asked.what === 'undo' && state.known?.report.state !== 'written') return 'this is its review';
  return state.known?.report.undo ? undefined : 'nothing was squashed here';
}

function whyNoRange(state: SquashState): string | undefined {
  const busy = whyBusy(state);
  if (busy !== undefined) return busy;
  if (state.asked.what === 'undo') return 'an undo puts all of the newest back';
  if (state.known && isOver(state.known.report)) return 'r looks at what is left first';
  if (state.asked.to === undefined && otherEnd(state) === undefined)
    return 'nothing holds up only a part of it';
  return undefined;
}

function whyNoChoice(state: SquashState): string | undefined {
  const busy = whyBusy(state);
  if (busy !== undefined) return busy;
  const row = rowAt(state);
  if (!row) return noRow(state);
  if (row.kind === 'table' || isLeftOut(state)) return undefined;
  return row.environment.refusal === undefined
    ? `${row.environment.environment} holds nothing up`
    : undefined;
}

function isOver({ state }: SquashReport): boolean {
  return state === 'written' || state === 'undone';
}

function leadsToTidying(state: SquashState): boolean {
  const row = rowAt(state);
  return isTidyable(state) && row?.kind === 'environment' && row.environment.refusal === undefined;
}

function noRow({ shows }: SquashState): string {
  return shows === 'file' ? 'z leads back to the review' : 'no environment is there yet';
}

function isLeftOut(state: SquashState): boolean {
  const row = rowAt(state);
  return row?.kind === 'environment' && row.environment.state === 'left-out';
}
