import type { Engine } from '../../src/engines/engine.ts';
import { openEngine } from '../../src/engines/open.ts';
import { splitMigration } from '../../src/sql/split.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import type { Query } from '../../src/sql/statement.ts';

/** A migration as a folder would hold it, with one statement after the other. */
export function migrationOf(tag: string, statements: readonly string[]): Migration {
  const text = statements.join(';\n');
  return {
    tag,
    hash: tag,
    when: Number.parseInt(tag, 10),
    file: `/${tag}.sql`,
    statements: splitMigration(text === '' ? '' : `${text};`),
  };
}

/** A real libSQL database in memory in which statements ran one by one, as a tool without transactions runs them. */
export async function openHalf(statements: readonly string[]): Promise<Engine> {
  const opened = await openEngine({ kind: 'libsql-memory' }, { purpose: 'change', ifMissing: 'create' });
  if (opened.kind !== 'open') throw new Error('A database in memory is always there.');
  const { engine } = opened;
  for (const sql of statements) {
    const why = await runIn(engine, sql);
    if (why !== undefined) throw new Error(`${sql}: ${why}`);
  }
  return engine;
}

/** @returns why it failed */
export async function runIn(engine: Engine, sql: string): Promise<string | undefined> {
  const outcome = await engine.unit({
    foreignKeys: 'off',
    statements: [{ sql, role: 'migration', number: 1 }],
  });
  if (outcome.kind === 'committed') return undefined;
  return outcome.kind === 'failed' ? outcome.error.message : outcome.kind;
}

/** Everything that is stored, as text: equal for equal databases. */
export async function contentOf(query: Query): Promise<Record<string, string>> {
  const objects = await query({
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  });
  const content: Record<string, string> = {};
  for (const { name } of objects) {
    const columns = await query({
      sql: 'SELECT name FROM pragma_table_info(?) ORDER BY name',
      args: [name ?? ''],
    });
    const list = columns.map((column) => `"${String(column['name'])}"`).join(', ');
    const rows = await query({ sql: `SELECT ${list} FROM "${String(name)}" ORDER BY ${list}` });
    content[String(name)] = JSON.stringify(rows, (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  }
  return content;
}
