import { referringTo, type Referring } from '../schema/referring.ts';
import { foldName, sameName } from '../sql/cursor.ts';
import { keepsIn } from '../sql/keeps.ts';
import type { Rebuild } from '../sql/rebuilds.ts';
import { mayHoldRows } from './filled.ts';
import type { RuleInput } from './rule.ts';

/** What a DROP TABLE reaches while foreign keys are on, as on D1. */
export interface ReachOfDrop {
  /** The table, under the name it has before and after where it is rebuilt. */
  readonly table: string;
  readonly rebuild: Rebuild | undefined;
  readonly reached: readonly ReachedTable[];
}

export interface ReachedTable extends Referring {
  /** Undefined: nobody counted. */
  readonly rows: number | undefined;
}

/**
 * Undefined where the statement drops no table or nobody's rows are in danger: what the migration copies aside and
 * puts back is not, nor is a table that the same migration makes, or drops itself.
 */
export function reachOfDrop(at: RuleInput): ReachOfDrop | undefined {
  const { kind, number, rebuilds, kinds, now, statements } = at;
  if (kind.kind !== 'drop-table') return undefined;
  const rebuild = rebuilds.find(({ drop }) => drop === number);
  const all = referringTo(kind.table, now.foreignKeys);
  if (all.length === 0) return undefined;
  const keeps = keepsIn(statements).filter(({ out, back }) => out < number && number < back);
  const droppedLater = new Set(
    kinds.flatMap((each, index) =>
      each.kind === 'drop-table' && index >= number && !rebuilds.some(({ drop }) => drop === index + 1)
        ? [foldName(each.table)]
        : [],
    ),
  );
  const reached = all
    .filter(({ table }) => mayHoldRows(at, table))
    .filter(({ table }) => !keeps.some((keep) => sameName(keep.table, table)))
    .filter(({ table }) => !droppedLater.has(foldName(table)))
    .map((each) => ({ ...each, rows: rowsOf(at, each.table) }));
  return reached.length === 0 ? undefined : { table: rebuild?.table ?? kind.table, rebuild, reached };
}

/** The new table of a rebuild holds the rows of the old one. */
function rowsOf({ rows, rebuilds }: RuleInput, table: string): number | undefined {
  const rebuild = rebuilds.find(({ via }) => sameName(via, table));
  return rows.get(foldName(table)) ?? (rebuild && rows.get(foldName(rebuild.table)));
}
