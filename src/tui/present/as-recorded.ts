import type { RunEvent } from '../../operations/events.ts';
import type { RunSummary } from '../../operations/reports.ts';
import { foldRun } from './run.ts';
import type { MigrationView } from './run-migration.ts';
import type { RunView, StepView } from './run-view.ts';

/** A run of the ledger. Of one whose process is gone nothing is at work any more, whatever its last event says. */
export function recordedView({ outcome }: Pick<RunSummary, 'outcome'>, events: readonly RunEvent[]): RunView {
  const view = foldRun(events);
  if (outcome !== 'cut-off') return view;
  const { lastHeard } = view;
  return {
    ...view,
    steps: view.steps.map((step) => (step.state === 'running' ? cutOff(step, lastHeard) : notStarted(step))),
    migrations: view.migrations.map(withoutRunning),
  };
}

function cutOff({ progress: _progress, ...step }: StepView, lastHeard: string | undefined): StepView {
  const took = Date.parse(lastHeard ?? '') - Date.parse(step.startedAt ?? '');
  return {
    ...step,
    state: 'failed',
    says: 'cut off: its process ended here',
    ...(Number.isFinite(took) && { took }),
  };
}

function notStarted(step: StepView): StepView {
  return step.state === 'to-come' ? { ...step, state: 'not-started' } : step;
}

/** Whether the statement that ran was undone is read from the target. */
function withoutRunning(migration: MigrationView): MigrationView {
  if (migration.state !== 'running') return migration;
  const told = [...migration.statements].filter(([, { state }]) => state !== 'running');
  return { ...migration, state: 'failed', statements: new Map(told) };
}
