import type { Migration } from '../../migrations/migration.ts';
import type { ForeignKey } from '../../schema/schema.ts';
import { foldName } from '../../sql/cursor.ts';
import { compareColumns, type ComparedColumn } from './compare-columns.ts';
import type { Evidence, Loss, TableEvidence } from './evidence.ts';
import { likelyCause } from './likely-cause.ts';
import { followTables, type Lineage } from './lineage.ts';
import type { Measurement, TableMeasurement, ViolationCount } from './measurement.ts';

export interface JudgeInput {
  readonly before: Measurement;
  readonly after: Measurement;
  /** Those that ran between the two, in order. */
  readonly migrations: readonly Pick<Migration, 'tag' | 'statements'>[];
  /** As they were before the first of them. */
  readonly foreignKeys: readonly ForeignKey[];
}

/**
 * Judges what a rehearsal did to the rows. A loss is what went, or changed, and no DELETE, DROP, UPDATE,
 * REPLACE or UPSERT on that very table asks for: a cascade, a SET NULL, a trigger and the copy of a rebuild
 * explain nothing. Where an INSERT … SELECT adds rows to a table that also lost some, only the difference shows.
 */
export function judge(
  input: JudgeInput,
): Pick<Evidence, 'tables' | 'unchangedTables' | 'losses' | 'violations'> {
  const lineages = followTables(input.before.tables, input.migrations);
  const after = new Map(input.after.tables.map((table) => [foldName(table.table), table]));
  const asked = rowsAskedAway(lineages, after);
  const judged = lineages.map((lineage) =>
    judgeTable(lineage, {
      after: measuredAfter(lineage, after),
      lineages,
      asked,
      foreignKeys: input.foreignKeys,
    }),
  );
  const shown = judged.filter(({ differs, losses }) => differs || losses.length > 0);
  const same = judged.filter((table) => !shown.includes(table) && table.evidence.rowsAfter !== undefined);
  return {
    tables: mergedByName(shown.map(({ evidence }) => evidence)).toSorted(byTable),
    unchangedTables: {
      count: same.length,
      rows: same.reduce((sum, { evidence }) => sum + (evidence.rowsAfter ?? 0), 0),
    },
    losses: judged.flatMap(({ losses }) => losses),
    violations: {
      before: input.before.violations,
      added: addedViolations(input.before.violations, input.after.violations),
    },
  };
}

const byTable = (left: TableEvidence, right: TableEvidence) =>
  left.table < right.table ? -1 : left.table > right.table ? 1 : 0;

/** A table that was dropped and one that was made under its name are one line to a reader. */
function mergedByName(tables: readonly TableEvidence[]): readonly TableEvidence[] {
  const merged = new Map<string, TableEvidence>();
  for (const table of tables) {
    const known = merged.get(foldName(table.table));
    const both = known && {
      ...known,
      ...table,
      causes: [...known.causes, ...table.causes],
      columns: [...known.columns, ...table.columns],
    };
    merged.set(foldName(table.table), both ?? table);
  }
  return [...merged.values()];
}

function measuredAfter(
  { current }: Lineage,
  after: ReadonlyMap<string, TableMeasurement>,
): TableMeasurement | undefined {
  return current === undefined ? undefined : after.get(foldName(current));
}

/** Rows that a DELETE or DROP took, over all tables: an index of another table's text may follow them. */
function rowsAskedAway(lineages: readonly Lineage[], after: ReadonlyMap<string, TableMeasurement>): number {
  const asking = lineages.filter((lineage) => lineage.asked !== 'nothing');
  const gone = asking.map(
    (lineage) => (lineage.before?.rows ?? 0) - (measuredAfter(lineage, after)?.rows ?? 0),
  );
  return gone.reduce((sum, rows) => sum + Math.max(0, rows), 0);
}

interface Judging {
  readonly after: TableMeasurement | undefined;
  readonly lineages: readonly Lineage[];
  readonly asked: number;
  readonly foreignKeys: readonly ForeignKey[];
}

interface Judged {
  readonly evidence: TableEvidence;
  readonly losses: readonly Loss[];
  readonly differs: boolean;
}

function judgeTable(lineage: Lineage, judging: Judging): Judged {
  const { after } = judging;
  const columns = compareColumns(lineage, after);
  const name = after?.table ?? lineage.current ?? lineage.before?.table ?? '';
  const losses =
    lineage.before && lineage.current !== undefined ? lossesOf(name, lineage, columns, judging) : [];
  const before = lineage.before?.rows;
  const evidence: TableEvidence = {
    table: name,
    ...(before === undefined ? {} : { rowsBefore: before }),
    ...(after === undefined ? {} : { rowsAfter: after.rows }),
    causes: lineage.causes,
    columns: columns.map(({ evidence }) => evidence),
  };
  const existed = before !== undefined || after !== undefined;
  const differs =
    existed && (before !== after?.rows || columns.some(({ evidence }) => !isKept(evidence.values)));
  return { evidence, losses, differs };
}

const isKept = (values: ComparedColumn['evidence']['values']) => values === 'kept';

function lossesOf(
  table: string,
  lineage: Lineage,
  columns: readonly ComparedColumn[],
  { after, lineages, asked, foreignKeys }: Judging,
): readonly Loss[] {
  const gone = rowsGone(lineage, after);
  const follows = lineage.before?.columns.length === 0 && gone <= asked;
  const rows: readonly Loss[] =
    gone > 0 && lineage.asked === 'nothing' && !follows
      ? [
          {
            kind: 'rows',
            table,
            rows: gone,
            likely: likelyCause({ kind: 'rows' }, lineage, { lineages, foreignKeys }),
          },
        ]
      : [];
  const values = columns.flatMap(({ evidence, lost }): readonly Loss[] => {
    if (lost.kind === 'nothing') return [];
    const likely = likelyCause({ kind: lost.kind, column: evidence.column }, lineage, {
      lineages,
      foreignKeys,
    });
    return [{ kind: lost.kind, table, column: evidence.column, rows: lost.rows, likely }];
  });
  return [...rows, ...values];
}

/** How many rows must have gone, given those that were added for sure. */
function rowsGone({ before, inserted }: Lineage, after: TableMeasurement | undefined): number {
  return Math.max(0, (before?.rows ?? 0) + inserted.atLeast - (after?.rows ?? 0));
}

/** The rows that break a foreign key and did not before, per child table and parent. */
export function addedViolations(
  before: readonly ViolationCount[],
  after: readonly ViolationCount[],
): readonly ViolationCount[] {
  const known = new Map(before.map((violation) => [keyOf(violation), violation.count]));
  return after.flatMap((violation) => {
    const count = violation.count - (known.get(keyOf(violation)) ?? 0);
    return count > 0 ? [{ ...violation, count }] : [];
  });
}

const keyOf = ({ table, parent }: ViolationCount) => `${foldName(table)}\0${foldName(parent)}`;
