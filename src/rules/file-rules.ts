import type { Rule } from './rule.ts';

/** What is found in a file without looking at its statements one by one: by trying it out, or in the journal beside it. */
export type FileRule = Pick<Rule, 'id' | 'title' | 'why' | 'fix'>;

export const refusedStatement = {
  id: 'refused-statement',
  title: 'The engine refuses a statement.',
  why: 'The files before it were run one after the other in an empty database, or read by the parser of PostgreSQL; there this statement fails, and the whole migration with it.',
  fix: 'Correct the statement: wherever it has not run yet it would fail.',
} as const satisfies FileRule;

export const rollbackDiffers = {
  id: 'rollback-differs',
  title: 'A rollback file does not lead back to the schema before its migration.',
  why: 'What it leaves stands in the way when the migration runs again, and what it takes too much is missed by the code of before.',
  fix: 'Complete it, so that the schema is as it was before the migration.',
} as const satisfies FileRule;

export const rollbackDestroysRows = {
  id: 'rollback-destroys-rows',
  title: 'A rollback file takes rows or values that were there before its migration.',
  why: 'Taking a migration back is to lead back to what was; these rows come back only from a backup, without what was written since.',
  fix: 'Delete only what the migration brought, or keep the rows under another name.',
} as const satisfies FileRule;

/** Two entries of a journal that contradict each other, by how they do. */
const journalRules = [
  {
    id: 'same-index',
    title: 'Two migrations have the same index.',
    why: 'Two branches made them beside each other: neither knows what the other changed.',
    fix: 'migrate-tui check --repair puts one after the other, where no environment has run it.',
  },
  {
    id: 'same-snapshot',
    title: 'Two migrations share one snapshot.',
    why: 'One of the two snapshots is lost, and the next migration is generated from what is left.',
    fix: 'migrate-tui check --repair puts one after the other, where no environment has run it.',
  },
  {
    id: 'same-parent',
    title: 'Two snapshots go on from the same one.',
    why: 'The later one does not know what the earlier made: the next generate would make it again or take it away.',
    fix: 'migrate-tui check --repair puts one after the other, where no environment has run it.',
  },
  {
    id: 'older-time',
    title: 'A migration has no later time than one before it.',
    why: 'Drizzle 0.x compares times: where the earlier one has run it never runs this one, and says nothing.',
    fix: 'migrate-tui check --repair gives it a later time, where no environment has run it.',
  },
] as const satisfies readonly FileRule[];

export const fileRules: readonly FileRule[] = [
  refusedStatement,
  rollbackDiffers,
  rollbackDestroysRows,
  ...journalRules,
];
