import type { Engine } from '../../engines/engine.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { tablesToLookInto } from '../../schema/tables-to-look-into.ts';
import { classify } from '../../sql/classify.ts';
import { quoteText } from '../../sql/quote.ts';
import { writesPastForeignKeys } from '../postgres/foreign-key-guard.ts';

/** How the foreign keys are kept while one migration runs. */
export interface Enforcement {
  readonly foreignKeys: 'on' | 'off';
  /**
   * `counted`: the unit compares violations before and after, because the engine itself would let new ones through;
   * `compared-inside`: in PostgreSQL, a rehearsal's unit, too.
   */
  readonly violations: 'counted' | 'compared-inside' | 'refused-by-engine';
  /** `in-any-order`: a child may come before its parent inside the unit; the commit checks. */
  readonly rows: 'in-any-order' | 'parents-first';
}

/**
 * Off only where a table that others refer to is dropped: its implicit DELETE would fire their ON DELETE actions,
 * and inside a transaction the PRAGMA of the file does nothing (https://www.sqlite.org/foreignkeys.html#fk_schemacommands).
 * Where the engine cannot switch it off, a migration runs as the original tool would run it.
 */
export async function enforcementFor(
  engine: Pick<Engine, 'query' | 'foreignKeys'>,
  migration: Migration,
): Promise<Enforcement> {
  switch (engine.foreignKeys) {
    case 'always-on':
      return { foreignKeys: 'on', violations: whereAlwaysOn(engine, migration), rows: 'parents-first' };
    case 'switchable': {
      const isReferenced = await dropsReferenced(engine, migration);
      return isReferenced
        ? { foreignKeys: 'off', violations: 'counted', rows: 'parents-first' }
        : { foreignKeys: 'on', violations: 'refused-by-engine', rows: 'in-any-order' };
    }
    default:
      return unreachable(engine.foreignKeys);
  }
}

function whereAlwaysOn(
  { query: { dialect } }: Pick<Engine, 'query'>,
  migration: Migration,
): Enforcement['violations'] {
  switch (dialect) {
    case 'sqlite':
      return postpones(migration) ? 'counted' : 'refused-by-engine';
    case 'postgres':
      return writesPastForeignKeys(migration) ? 'compared-inside' : 'refused-by-engine';
    default:
      return unreachable(dialect);
  }
}

/** `defer_foreign_keys = OFF` forgets the violations that were put off: the commit then lets them through. */
function postpones({ statements }: Migration): boolean {
  return statements.some(({ sql }) => {
    const statement = classify(sql);
    return statement.kind === 'pragma' && statement.name.toLowerCase() === 'defer_foreign_keys';
  });
}

async function dropsReferenced(engine: Pick<Engine, 'query'>, { statements }: Migration): Promise<boolean> {
  const dropped = statements.flatMap(({ sql }) => {
    const statement = classify(sql);
    return statement.kind === 'drop-table' ? [quoteText(statement.table.toLowerCase())] : [];
  });
  if (dropped.length === 0) return false;
  const references = await engine.query({
    sql: `SELECT 1 FROM ${tablesToLookInto()} AS m, pragma_foreign_key_list(m.name) AS f WHERE lower(f."table") IN (${dropped.join(', ')}) LIMIT 1`,
  });
  return references.length > 0;
}
