import type { Migration } from '../../migrations/migration.ts';
import { sketched, type Sketch } from '../../schema/sketch.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

/** A statement of a rollback file that takes what its migration did not bring. */
export interface TakenFromBefore {
  /** Its number in the rollback file, from 1. */
  readonly statement: number;
  /** `maybe`: some rows, which may be those that the migration added. */
  readonly isMeant: 'no' | 'maybe';
  /** A whole sentence. */
  readonly message: string;
}

/**
 * Which statements of the rollback file of a migration take rows or values that were there before it ran, as far as
 * their texts tell.
 *
 * @param before the schema that the files before it make
 */
export function rowsOfBefore(
  { tag, statements, rollback }: Pick<Migration, 'tag' | 'statements' | 'rollback'>,
  before: Sketch,
): readonly TakenFromBefore[] {
  const back = rollback?.statements ?? [];
  const filled = new Set(statements.flatMap(({ sql }) => partsOf(classify(sql)).flatMap(filledBy)));
  const drops = new Set(rebuildsIn(back).map(({ drop }) => drop));
  const found: TakenFromBefore[] = [];
  let now = statements.reduce((so, { sql }) => sketched(so, sql), before);
  for (const [index, { sql }] of back.entries()) {
    const statement = index + 1;
    for (const kind of drops.has(statement) ? [] : partsOf(classify(sql))) {
      const taken = takenBy(kind, { tag, before, now, filled });
      if (taken) found.push({ statement, ...taken });
    }
    now = sketched(now, sql);
  }
  return found;
}

function filledBy(kind: StatementKind): readonly string[] {
  return kind.kind === 'insert' ? [foldName(kind.table)] : [];
}

interface Around {
  readonly tag: string;
  readonly before: Sketch;
  readonly now: Sketch;
  /** Tables that the migration adds rows to, in lower case. */
  readonly filled: ReadonlySet<string>;
}

type Taken = Pick<TakenFromBefore, 'isMeant' | 'message'>;

function takenBy(kind: StatementKind, { tag, before, now, filled }: Around): Taken | undefined {
  const isOld = (table: string) => before.tables.has(foldName(table)) && now.tables.has(foldName(table));
  switch (kind.kind) {
    case 'drop-table':
      return isOld(kind.table)
        ? { isMeant: 'no', message: `${kind.table} was there before ${tag}, and is dropped with its rows.` }
        : undefined;
    case 'truncate': {
      const old = kind.tables.filter(isOld);
      return old.length > 0
        ? { isMeant: 'no', message: `All rows of ${old.join(', ')} go, also those from before ${tag}.` }
        : undefined;
    }
    case 'delete':
      if (!isOld(kind.table)) return undefined;
      if (kind.where === 'all')
        return { isMeant: 'no', message: `All rows of ${kind.table} go, also those from before ${tag}.` };
      return filled.has(foldName(kind.table))
        ? undefined
        : { isMeant: 'maybe', message: `Rows of ${kind.table} are deleted, and ${tag} added none.` };
    case 'alter-table': {
      const { table, action } = kind;
      if (action.kind !== 'drop-column' || !hadColumn(before, table, action.column)) return undefined;
      const column = `${table}.${action.column}`;
      return { isMeant: 'no', message: `${column} was there before ${tag}, and is dropped with its values.` };
    }
    default:
      return undefined;
  }
}

function hadColumn({ tables }: Sketch, table: string, column: string): boolean {
  return tables.get(foldName(table))?.columns?.has(foldName(column)) ?? false;
}
