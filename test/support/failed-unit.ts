import { openEngine } from '../../src/engines/open.ts';
import { drizzlePostgres } from '../../src/bookkeeping/drizzle-postgres.ts';
import type { Entry } from '../../src/bookkeeping/bookkeeping.ts';
import type { PostgresAddress } from '../../src/engines/address.ts';
import type { Engine, SqlError, Unit } from '../../src/engines/engine.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import type { Cause } from '../../src/operations/causes/failure.ts';
import { causeOf } from '../../src/runs/cause-of.ts';

/** What a migration's failure was said to be, with the server's own error. */
export interface Told extends Cause {
  readonly error: SqlError;
}

/** Migrations of one folder on one PostgreSQL database. */
export interface FailingFolder extends AsyncDisposable {
  readonly engine: Engine;
  /** Runs a migration and records it as applied. */
  apply(tag: string, ...statements: readonly string[]): Promise<void>;
  /** Puts a migration into the folder that does not run. */
  add(tag: string, ...statements: readonly string[]): void;
  /** Runs one that must fail, as a rehearsal does, and asks why. */
  fail(...statements: readonly string[]): Promise<Told>;
}

export async function failingFolder(address: PostgresAddress): Promise<FailingFolder> {
  const opened = await openEngine(address, { purpose: 'change' });
  if (opened.kind !== 'open') throw new Error('A server is never missing.');
  const { engine } = opened;
  const migrations: Migration[] = [];
  const entries: Entry[] = [];
  const add = (tag: string, statements: readonly string[]) => {
    const migration = migrationOf(tag, migrations.length, statements);
    migrations.push(migration);
    return migration;
  };
  return {
    engine,
    add: (tag, ...statements) => void add(tag, statements),
    async apply(tag, ...statements) {
      const migration = add(tag, statements);
      const outcome = await engine.unit(unitOf(migration));
      if (outcome.kind !== 'committed') throw new Error(JSON.stringify(outcome));
      entries.push({ rowid: entries.length + 1, hash: migration.hash, createdAt: migration.when });
    },
    async fail(...statements) {
      const migration = add('0009_next', statements);
      const unit = unitOf(migration);
      const failed = await engine.unit(unit);
      migrations.pop();
      if (failed.kind !== 'failed') throw new Error(`It did not fail: ${failed.kind}`);
      const cause = await causeOf(
        { migration, failed, engine, again: unit },
        {
          target: { environment: 'staging', database: 'app', address },
          database,
          engine,
          bookkeeping: drizzlePostgres({
            format: 'drizzle-0',
            schema: 'drizzle',
            table: '__drizzle_migrations',
          }),
          entries,
          migrations: [...migrations, migration],
          selected: [migration],
          file: 'may-change',
        },
        { environment: { name: 'staging' }, databases: { size: 1 }, again: 'migrate-tui deploy staging' },
      );
      if (!cause) throw new Error(`Nothing is known of ${failed.error.code}: ${failed.error.message}`);
      return { ...cause, error: failed.error };
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

const database = {
  name: 'app',
  directory: '/drizzle',
  format: 'auto',
  dialect: 'postgres',
  bookkeeping: 'drizzle',
  table: '__drizzle_migrations',
  only: undefined,
} as const;

function migrationOf(tag: string, at: number, statements: readonly string[]): Migration {
  return {
    tag,
    hash: `hash of ${tag}`,
    when: 1_750_000_000_000 + at,
    file: `/drizzle/${tag}.sql`,
    statements: statements.map((sql, index) => ({ sql, line: index + 1 })),
  };
}

function unitOf({ statements }: Migration): Unit {
  return {
    foreignKeys: 'on',
    statements: statements.map(({ sql }, index) => ({ sql, role: 'migration', number: index + 1 })),
  };
}
