import { quantity } from '../../../lib/numbers.ts';
import type { Account } from '../../../operations/consent/account.ts';
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
      ...((backup === 'place' ? placeWords[step.step] : undefined) ?? wordsOf(view, step)),
      saysTone: 'dim',
    }));
}

type Words = Required<Pick<StepRow, 'says' | 'brief'>>;

/** Where the server keeps the history of a database itself. */
const placeWords: Partial<Record<StepView['step'], Words>> = {
  backup: {
    says: "its place in the server's own history is noted: the way back",
    brief: ["its place in the server's history", 'its place at the server'],
  },
  restore: {
    says: 'the server takes the whole database back to that moment, under a lock',
    brief: ['the whole database goes back to that moment', 'all of it goes back'],
  },
};

function wordsOf(view: RunView, { step, database, label }: StepView): Words {
  const { environment } = view;
  switch (step) {
    case 'backup':
      return {
        says: `the present state of ${environment}, read back and checked: the way back`,
        brief: ['the present state, read back: the way back', 'the present state, read back'],
      };
    case 'restore':
      return {
        says: `the backup takes the place of what ${environment} holds now, under a lock`,
        brief: ['the backup takes the place of what is here', 'the backup takes its place'],
      };
    case 'copy':
      return {
        says: `${label}, masked on the way; then put in the place of what is here, under a lock`,
        brief: [`${label}, masked on the way`, label],
      };
    case 'empty':
      return {
        says: 'everything in it is dropped where it is, in one transaction under a lock',
        brief: ['all in it is dropped, in one transaction', 'all in it is dropped'],
      };
    case 'migrate': {
      const migrations = view.migrations.filter((one) => one.database === database);
      const statements = migrations.reduce((sum, { of = 0 }) => sum + of, 0);
      const amount = `${quantity(migrations.length, 'migration')}, ${quantity(statements, 'statement')}`;
      return { says: `${amount}, ${committed(migrations)}`, brief: [amount] };
    }
    case 'mark':
    case 'baseline':
    case 'tidy':
    case 'recover':
      return {
        says: 'the tracking table alone, in one transaction under a lock; no migration is run',
        brief: ['the tracking table alone; no migration is run', 'the tracking table alone'],
      };
    case 'verify':
      return { says: label, brief: ['schema, rows, keys, integrity'] };
    default:
      return { says: label, brief: [] };
  }
}
