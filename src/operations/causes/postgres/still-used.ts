import { quantity } from '../../../lib/numbers.ts';
import { classify } from '../../../sql/classify.ts';
import { known, type Failure, type Suspect, type Suspicion } from '../failure.ts';
import { tableOf } from './said.ts';

/** What other things need, or what is being used at this moment. */
export const stillUsed: Suspect = (failure) => {
  const { code, migration } = failure;
  // dependent_objects_still_exist
  if (code === '2BP01') return needed(failure);
  // feature_not_supported, for a column that a view reads or a table that a foreign key points to.
  if (code === '0A000') return inTheWay(failure);
  // object_in_use
  if (code !== '55006') return undefined;
  return known(
    `Rows of ${tableOf(failure) ?? 'the table'} were written in the same transaction, and checks of them are still due at its end`,
    `Put SET CONSTRAINTS ALL IMMEDIATE; before the statement in ${migration.tag}, or move it into a migration of its own.`,
  );
};

function needed(failure: Failure): Suspicion {
  const { tag } = failure.migration;
  return known(
    `${listed(failure) ?? 'Something else'} still ${dependentsOf(failure).length > 1 ? 'need' : 'needs'} it`,
    `Drop or change that in a statement before it, in ${tag}. CASCADE would take it along, with whatever needs that.`,
  );
}

function inTheWay(failure: Failure): Suspicion | undefined {
  const kind = classify(failure.sql ?? '');
  const { tag } = failure.migration;
  if (kind.kind === 'truncate') {
    return known(
      'A foreign key of another table points to it, and TRUNCATE asks no row',
      `Name both tables in one TRUNCATE, or use DELETE, in ${tag}. CASCADE would empty the other table, too.`,
    );
  }
  const changesColumn =
    kind.kind === 'alter-table' &&
    (kind.action.kind === 'set-type' ||
      kind.action.kind === 'column-option' ||
      kind.action.kind === 'rewrite');
  if (!changesColumn || dependentsOf(failure).length === 0) return undefined;
  return known(
    `${listed(failure) ?? 'Something else'} ${dependentsOf(failure).length > 1 ? 'read' : 'reads'} the column`,
    `Drop that before the statement, and create it again after it, in ${tag}.`,
  );
}

const dependentsOf = ({ named }: Failure) => named?.dependents ?? [];

/** `view seen, constraint posts_author on table posts, and 4 more` */
function listed(failure: Failure): string | undefined {
  const all = dependentsOf(failure);
  if (all.length === 0) return undefined;
  const shown = all.slice(0, most);
  const text = all.length > most ? [...shown, `and ${quantity(all.length - most, 'more', 'more')}`] : shown;
  const joined = text.join(', ');
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}

const most = 5;
