import type { Address } from '../../src/engines/address.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { openEngine } from '../../src/engines/open.ts';
import { splitMigration } from '../../src/sql/split.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import type { Query } from '../../src/sql/statement.ts';
import { temporaryFolder } from './temporary-folder.ts';

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

/** On which engine. */
export type HalfOn = 'libsql-file' | 'd1-local';

/** A real database, of libSQL or under D1's rules, in which statements ran one by one, as a tool without transactions runs them. */
export async function openHalf(statements: readonly string[], on: HalfOn = 'libsql-file'): Promise<Engine> {
  const engine = await (on === 'd1-local' ? openD1() : opened({ kind: 'libsql-memory' }));
  for (const sql of statements) {
    const why = await runIn(engine, sql);
    if (why !== undefined) throw new Error(`${sql}: ${why}`);
  }
  return engine;
}

async function openD1(): Promise<Engine> {
  const folder = await temporaryFolder();
  const engine = await opened({
    kind: 'd1-local',
    path: folder.file('d1.sqlite'),
    id: 'd',
    root: folder.path,
  });
  await engine.query({ sql: 'PRAGMA synchronous = OFF' });
  return {
    ...engine,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function opened(address: Address): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
  if (found.kind !== 'open') throw new Error('A database is made when it is not there.');
  return found.engine;
}

/** @returns why it failed */
export async function runIn(engine: Engine, sql: string): Promise<string | undefined> {
  const outcome = await engine.unit({
    foreignKeys: engine.foreignKeys === 'always-on' ? 'on' : 'off',
    statements: [{ sql, role: 'migration', number: 1 }],
  });
  if (outcome.kind === 'committed') return undefined;
  return outcome.kind === 'failed' ? outcome.error.message : outcome.kind;
}

/** Everything that is stored, as text: equal for equal databases. */
export async function contentOf(query: Query): Promise<Record<string, string>> {
  const objects = await query({
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' ORDER BY name",
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
