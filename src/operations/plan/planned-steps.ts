import { unreachable } from '../../lib/unreachable.ts';
import { isStepwise, partsToRun } from '../../sql/postgres/stepwise.ts';
import type { PlannedStep, StepName } from '../events.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Plan, Step } from './step.ts';

/** The steps as people see them, for events and screens. */
export function plannedSteps(plan: Plan): readonly PlannedStep[] {
  return plan.steps.flatMap((step) => shownAs(step) ?? []);
}

/** Undefined: a step that is nobody's to follow, such as giving the lock back. */
function shownAs(step: Step): PlannedStep | undefined {
  switch (step.kind) {
    case 'lock':
      return step.do === 'take' ? shown(step, 'lock', 'take the lock') : undefined;
    case 'backup':
      return { step: 'backup', database: step.databases.join(', '), label: 'take the backup' };
    case 'restore':
      return step.into === 'scratch'
        ? shown(step, 'dry-run', rehearsalLabel(step.rehearsal))
        : shown(step, 'restore', `restore ${step.backup}`);
    case 'restore-tables':
      return shown(step, 'restore', `restore ${step.tables.join(', ')} from ${step.backup}`);
    case 'execute':
      // In the scratch database it is part of the dry-run.
      return step.on === 'scratch' ? undefined : migrating(step);
    case 'correct':
      return shown(step, step.step, step.what);
    case 'empty':
      return shown(step, 'empty', 'drop everything in it');
    case 'push':
      return shown(step, 'push', `${step.tool} push`);
    case 'copy':
      return shown(step, 'copy', `take what ${step.from} has`);
    case 'check':
      return step.check === 'verify'
        ? shown(step, 'verify', 'schema, rows, foreign keys, integrity')
        : undefined;
    case 'hook':
      return { step: 'hook', database: '', label: `${step.hook}: ${step.command}` };
    default:
      return unreachable(step);
  }
}

function shown({ database }: Pick<PlannedStep, 'database'>, step: StepName, label: string): PlannedStep {
  return { step, database, label };
}

function migrating({ database, migration, leaves }: Extract<Step, { kind: 'execute' }>): PlannedStep {
  const { tag, statements } = migration;
  return {
    step: 'migrate',
    database,
    tag,
    statements: statements.length,
    ...(isStepwise(statements) && { parts: partsToRun(statements).length }),
    label: leaves.kind === 'no-record' ? `undo ${tag}` : tag,
  };
}

function rehearsalLabel(rehearsal: Evidence['rehearsal']): string {
  return rehearsal === 'in-target'
    ? 'run the plan inside the database, which undoes it'
    : 'run the plan on a copy';
}
