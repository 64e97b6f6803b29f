import { quantity } from '../../../lib/numbers.ts';
import type { Account } from '../../../operations/account.ts';
import { committed } from '../../present/committed.ts';
import { plannedView } from '../../present/run.ts';
import type { RunView, StepView } from '../../present/run-view.ts';
import { nameOf, type StepRow } from '../../present/steps.ts';
import type { ChangeState } from './state.ts';

/** The steps to come, as they will stand on the page of the run. */
export function changeSteps(account: Account, backup: ChangeState['backup']): readonly StepRow[] {
  const view = plannedView({
    ...account,
    databases: account.databases.map(({ database }) => database),
  });
  return view.steps
    .filter(({ step }) => step !== 'lock')
    .map((step) => ({
      sign: 'pending',
      tone: 'text',
      name: nameOf(view, step),
      time: '',
      says: (backup === 'place' ? placeWords[step.step] : undefined) ?? saysOf(view, step),
      saysTone: 'dim',
    }));
}

/** Where the server keeps the history of a database itself. */
const placeWords: Partial<Record<StepView['step'], string>> = {
  backup: "its place in the server's own history is noted: the way back",
  restore: 'the server takes the whole database back to that moment, under a lock',
};

function saysOf(view: RunView, { step, database, label }: StepView): string {
  switch (step) {
    case 'backup':
      return `the present state of ${view.environment}, read back and checked: the way back`;
    case 'restore':
      return `the backup takes the place of what ${view.environment} holds now, under a lock`;
    case 'copy':
      return `${label}, masked on the way; then put in the place of what is here, under a lock`;
    case 'empty':
      return 'everything in it is dropped where it is, in one transaction under a lock';
    case 'migrate': {
      const migrations = view.migrations.filter((one) => one.database === database);
      const statements = migrations.reduce((sum, { of = 0 }) => sum + of, 0);
      return `${quantity(migrations.length, 'migration')}, ${quantity(statements, 'statement')}, ${committed(migrations)}`;
    }
    case 'mark':
    case 'baseline':
    case 'tidy':
    case 'recover':
      return 'the tracking table alone, in one transaction under a lock; no migration is run';
    default:
      return label;
  }
}
