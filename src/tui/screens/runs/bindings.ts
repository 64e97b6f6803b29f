import { jobKeys } from '../../app/job-keys.ts';
import type { Binding } from '../../screen.ts';
import { filterBinding, isFiltering } from '../filter.ts';
import { scrollBindings } from '../scrolling.ts';
import { runUnderCursor, type RunsState } from './state.ts';

const job = jobKeys<RunsState>((state) => runUnderCursor(state)?.environment);

export const bindings: readonly Binding<RunsState>[] = [
  {
    keys: ['enter'],
    action: 'open',
    label: (state) =>
      state.filter.typing === 'typing'
        ? 'done'
        : runUnderCursor(state)?.outcome === 'running'
          ? 'watch it'
          : 'statements',
    help: 'the run with all its steps and statements',
    group: 'open',
    footer: whereRun(1),
    blocked: (state) => (state.filter.typing === 'typing' ? undefined : noRun(state)),
  },
  job('backups', {
    keys: ['w'],
    label: 'way back',
    help: 'the backups of its environment',
    footer: whereRun(2),
  }),
  {
    keys: ['x'],
    action: 'export',
    label: 'incident report',
    help: 'the run as a file, for a ticket',
    group: 'take',
    footer: whereRun(3),
    blocked: noRun,
  },
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy',
    help: 'the run, to the clipboard',
    group: 'take',
    footer: whereRun(4),
    blocked: noRun,
  },
  filterBinding({ help: 'only runs that hold these letters', footer: 5 }),
  {
    keys: ['esc'],
    action: 'back',
    label: ({ filter }) => (isFiltering(filter) ? 'clear the filter' : 'back'),
    help: 'back; with a filter, clears it',
    group: 'always',
    footer: 6,
  },
  {
    keys: ['r'],
    action: 'refresh',
    label: 'read again',
    help: 'the record of runs as it stands now',
    group: 'always',
  },
  ...scrollBindings,
];

function noRun(state: RunsState): string | undefined {
  return runUnderCursor(state) ? undefined : 'there is no run';
}

/** In the footer while a run is under the cursor, or a filter looks for one. */
function whereRun(place: number): (state: RunsState) => number | undefined {
  return (state) => (noRun(state) !== undefined && state.filter.typing === 'set' ? undefined : place);
}
