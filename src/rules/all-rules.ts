import { addColumnNotAllowed } from './add-column-not-allowed.ts';
import { columnNameAsText } from './column-name-as-text.ts';
import { constraintChecksRows } from './constraint-checks-rows.ts';
import { copiesByPosition } from './copies-by-position.ts';
import { d1LimitsRule } from './d1-limits.ts';
import { d1Parser } from './d1-parser.ts';
import { d1Refused } from './d1-refused.ts';
import { deletesAllRows } from './deletes-all-rows.ts';
import { destroysRows } from './destroys-rows.ts';
import { doubleQuotedText } from './double-quoted-text.ts';
import { dropCascade } from './drop-cascade.ts';
import { dropColumn } from './drop-column.ts';
import { dropColumnInUse } from './drop-column-in-use.ts';
import { dropsIndexSilently } from './drops-index-silently.ts';
import { dropsTriggerSilently } from './drops-trigger-silently.ts';
import { enumValueUsed } from './enum-value-used.ts';
import { foreignKeyPragmas } from './foreign-key-pragmas.ts';
import { indexBlocksWrites } from './index-blocks-writes.ts';
import { longMigration } from './long-migration.ts';
import { lostBetweenPartsRule } from './lost-between-parts.ts';
import { missingFinalSemicolon } from './missing-final-semicolon.ts';
import { notAdditive } from './not-additive.ts';
import { notInATransaction } from './not-in-a-transaction.ts';
import { notNullWithoutDefault } from './not-null-without-default.ts';
import { outsideTransaction } from './outside-transaction.ts';
import { rebuildCascades } from './rebuild-cascades.ts';
import { rebuildOfReferencedTable } from './rebuild-of-referenced-table.ts';
import { rebuildWithDelete } from './rebuild-with-delete.ts';
import { remoteRefused } from './remote-refused.ts';
import { renameColumn } from './rename-column.ts';
import { renameTable } from './rename-table.ts';
import { rewritesTable } from './rewrites-table.ts';
import { serverWide } from './server-wide.ts';
import { setNotNull } from './set-not-null.ts';
import { severalStatementsInAChunk } from './several-statements-in-a-chunk.ts';
import { stepwise } from './stepwise.ts';
import { transactionControl } from './transaction-control.ts';
import { truncates } from './truncates.ts';
import { typeChange } from './type-change.ts';
import { updatesAllRows } from './updates-all-rows.ts';
import { viewOnRebuiltTable } from './view-on-rebuilt-table.ts';
import { writesRecords } from './writes-records.ts';
import type { Rule } from './rule.ts';

/** Every rule, those about rows first. */
export const allRules: readonly Rule[] = [
  deletesAllRows,
  truncates,
  destroysRows,
  dropCascade,
  updatesAllRows,
  dropColumn,
  renameColumn,
  renameTable,
  rebuildCascades,
  rebuildOfReferencedTable,
  rebuildWithDelete,
  copiesByPosition,
  columnNameAsText,
  doubleQuotedText,
  writesRecords,
  dropsTriggerSilently,
  dropsIndexSilently,
  viewOnRebuiltTable,
  notNullWithoutDefault,
  addColumnNotAllowed,
  dropColumnInUse,
  transactionControl,
  notInATransaction,
  remoteRefused,
  d1Refused,
  d1LimitsRule,
  d1Parser,
  foreignKeyPragmas,
  outsideTransaction,
  stepwise,
  lostBetweenPartsRule,
  serverWide,
  enumValueUsed,
  indexBlocksWrites,
  typeChange,
  rewritesTable,
  constraintChecksRows,
  setNotNull,
  longMigration,
  missingFinalSemicolon,
  severalStatementsInAChunk,
  notAdditive,
];
