import { addColumnNotAllowed } from './add-column-not-allowed.ts';
import { columnNameAsText } from './column-name-as-text.ts';
import { deletesAllRows } from './deletes-all-rows.ts';
import { destroysRows } from './destroys-rows.ts';
import { dropColumn } from './drop-column.ts';
import { dropsTriggerSilently } from './drops-trigger-silently.ts';
import { notInATransaction } from './not-in-a-transaction.ts';
import { notNullWithoutDefault } from './not-null-without-default.ts';
import { rebuildOfReferencedTable } from './rebuild-of-referenced-table.ts';
import { rebuildWithDelete } from './rebuild-with-delete.ts';
import { remoteRefused } from './remote-refused.ts';
import { renameColumn } from './rename-column.ts';
import { renameTable } from './rename-table.ts';
import { severalStatementsInAChunk } from './several-statements-in-a-chunk.ts';
import { transactionControl } from './transaction-control.ts';
import { updatesAllRows } from './updates-all-rows.ts';
import { viewOnRebuiltTable } from './view-on-rebuilt-table.ts';
import type { Rule } from './rule.ts';

/** Every rule, those about rows first. */
export const allRules: readonly Rule[] = [
  deletesAllRows,
  destroysRows,
  updatesAllRows,
  dropColumn,
  renameColumn,
  renameTable,
  rebuildOfReferencedTable,
  rebuildWithDelete,
  columnNameAsText,
  dropsTriggerSilently,
  viewOnRebuiltTable,
  notNullWithoutDefault,
  addColumnNotAllowed,
  transactionControl,
  notInATransaction,
  remoteRefused,
  severalStatementsInAChunk,
];
