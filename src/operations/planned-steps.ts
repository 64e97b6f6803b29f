import { unreachable } from '../lib/unreachable.ts';
import { isStepwise, partsToRun } from '../sql/stepwise.ts';
import type { PlannedStep } from './events.ts';
import type { Evidence } from './evidence.ts';
import type { Plan } from './step.ts';

/** The steps as people see them, for events and screens. */
export function plannedSteps(plan: Plan): readonly PlannedStep[] {
  return plan.steps.flatMap((step): readonly PlannedStep[] => {
    switch (step.kind) {
      case 'lock':
        return step.do === 'take' ? [{ step: 'lock', database: step.database, label: 'take the lock' }] : [];
      case 'backup':
        return [{ step: 'backup', database: step.databases.join(', '), label: 'take the backup' }];
      case 'restore':
        return step.into === 'scratch'
          ? [
              {
                step: 'dry-run',
                database: step.database,
                label: rehearsalLabel(step.rehearsal),
              },
            ]
          : [{ step: 'restore', database: step.database, label: `restore ${step.backup}` }];
      case 'restore-tables':
        return [
          {
            step: 'restore',
            database: step.database,
            label: `restore ${step.tables.join(', ')} from ${step.backup}`,
          },
        ];
      case 'execute':
        return step.on === 'scratch'
          ? []
          : [
              {
                step: 'migrate',
                database: step.database,
                tag: step.migration.tag,
                statements: step.migration.statements.length,
                ...(isStepwise(step.migration.statements) && {
                  parts: partsToRun(step.migration.statements).length,
                }),
                label: step.leaves.kind === 'no-record' ? `undo ${step.migration.tag}` : step.migration.tag,
              },
            ];
      case 'correct':
        return [{ step: step.step, database: step.database, label: step.what }];
      case 'empty':
        return [{ step: 'empty', database: step.database, label: 'drop everything in it' }];
      case 'push':
        return [{ step: 'push', database: step.database, label: `${step.tool} push` }];
      case 'copy':
        return [{ step: 'copy', database: step.database, label: `take what ${step.from} has` }];
      case 'check':
        return step.check === 'verify'
          ? [{ step: 'verify', database: step.database, label: 'schema, rows, foreign keys, integrity' }]
          : [];
      case 'hook':
        return [{ step: 'hook', database: '', label: `${step.hook}: ${step.command}` }];
      default:
        return unreachable(step);
    }
  });
}

function rehearsalLabel(rehearsal: Evidence['rehearsal']): string {
  return rehearsal === 'in-target'
    ? 'run the plan inside the database, which undoes it'
    : 'run the plan on a copy';
}
