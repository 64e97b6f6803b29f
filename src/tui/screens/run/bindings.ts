import { jobKeys } from '../../app/job-keys.ts';
import type { Binding } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { shownMigration, type RunState } from './state.ts';

export const bindings: readonly Binding<RunState>[] = [
  {
    keys: ['w'],
    action: 'ways',
    label: ({ lost }) => (lost ? 'ways out' : 'way back'),
    help: 'the backups of this environment; once its process is gone, what it left and what leads out',
    group: 'jobs',
    footer: 1,
  },
  {
    keys: ['z', 'enter'],
    action: 'sql',
    label: 'SQL',
    help: 'the SQL of the migration that runs',
    group: 'view',
    footer: (state) => (shownMigration(state) ? 2 : undefined),
    blocked: (state) => (shownMigration(state) ? undefined : 'no migration has begun'),
  },
  {
    keys: ['ctrl-c'],
    action: 'stop',
    label: (state) => (state.lost ? 'quit' : 'stop'),
    help: 'stops the run at its next boundary; a second one within 2 s asks its process to end',
    group: 'always',
    footer: 3,
  },
  {
    keys: ['q'],
    action: 'quit',
    label: 'quit',
    help: 'refused while the run goes on',
    group: 'always',
    footer: (state) => (state.lost ? undefined : 5),
    blocked: () => 'stop first',
  },
  {
    keys: ['esc'],
    action: 'back',
    label: 'leaves the view, the run goes on',
    help: 'leaves this view; the run goes on',
    group: 'always',
    footer: 6,
  },
  jobKeys<RunState>(({ environment }) => environment)('runs'),
  ...scrollBindings,
];
