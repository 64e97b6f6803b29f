import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import type { Address } from '../../engines/address.ts';
import type { Engine, UnitOutcome, UnitStatement } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { withoutValues } from '../../lib/without-values.ts';
import { classify } from '../../sql/classify.ts';
import { inOneTransaction } from '../../sql/postgres/in-one-transaction.ts';
import type { Dialect } from '../../sql/statement.ts';

/** A statement's number among those it was run with, from 1. */
export interface Refusal {
  readonly statement: number;
  readonly why: string;
  /** There when rows were in its way: with the target's rows it may have run. */
  readonly dependsOn?: 'rows';
}

/** A scratch database without rows, under the rules of an engine; nothing of it is left when it is closed. */
export async function openScratchEngine(
  like: Address['kind'],
): Promise<{ readonly engine: Engine; readonly close: () => Promise<void> }> {
  if (like !== 'd1-local' && like !== 'd1-remote') {
    const engine = await openInMemory(like === 'postgres' || like === 'pglite' ? 'postgres' : 'sqlite');
    return { engine, close: async () => engine[Symbol.asyncDispose]() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'migrate-tui-replay-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const engine = await opened({ kind: 'd1-local', path: join(folder, 'd1.sqlite'), id: '', root: folder });
    // Nobody reads it after a crash.
    await engine.query({ sql: 'PRAGMA synchronous = OFF' });
    return { engine, close: async () => (await engine[Symbol.asyncDispose](), remove()) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * An empty database in memory; for PostgreSQL in PGlite, so that a question makes nothing on a server.
 *
 * @throws MigrateError `config` for PostgreSQL where the project has no PGlite
 */
export async function openInMemory(dialect: Dialect): Promise<Engine> {
  switch (dialect) {
    case 'sqlite':
      return opened({ kind: 'libsql-memory' });
    case 'postgres':
      await refuseWithoutPglite();
      return opened({ kind: 'pglite', folder: undefined });
    default:
      return unreachable(dialect);
  }
}

async function refuseWithoutPglite(): Promise<void> {
  const { findPglite } = await import('../../engines/postgres/pglite/package.ts');
  if (findPglite() !== undefined) return;
  throw new MigrateError(
    'config',
    'The migrations cannot be replayed: that is done in PGlite, and the project has none.',
    { next: 'npm i -D @electric-sql/pglite' },
  );
}

async function opened(address: Address): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
  if (found.kind !== 'open') throw new Error('A scratch database is made when it is not there.');
  return found.engine;
}

/** Why a unit of a scratch database was undone, without values. */
export function refusalOf(outcome: UnitOutcome): Refusal {
  if (outcome.kind !== 'failed') return { statement: 0, why: outcome.kind };
  const { number = 0, error } = outcome;
  const refusal = { statement: number, why: withoutValues(error.message) };
  return isAboutRows(error.code) ? { ...refusal, dependsOn: 'rows' } : refusal;
}

/** SQLite's constraints, and PostgreSQL's class of errors for theirs. */
function isAboutRows(code: string): boolean {
  return code.includes('CONSTRAINT') || code.startsWith('23');
}

/** Foreign keys are off where an engine can switch them off: a replay is asked about the schema alone. */
export function enforcement({ foreignKeys }: Engine): 'on' | 'off' {
  return foreignKeys === 'always-on' ? 'on' : 'off';
}

/**
 * What a migration's statements are within one transaction that is undone: those that begin and end transactions are
 * left out, as whoever ran them committed what came before, and those that refuse a transaction are put so that they do
 * not. What ROLLBACK undid cannot be told.
 */
export function runnable(statements: readonly { readonly sql: string }[]): {
  readonly statements: readonly UnitStatement[];
  readonly refusal?: Refusal;
} {
  const run: UnitStatement[] = [];
  for (const { sql, number } of inOneTransaction(statements)) {
    const kind = classify(sql);
    if (kind.kind === 'transaction' && kind.verb === 'rollback') {
      return {
        statements: run,
        refusal: { statement: number ?? 0, why: 'it is ROLLBACK, and what that undid cannot be told' },
      };
    }
    if (kind.kind !== 'transaction' && kind.kind !== 'vacuum') {
      run.push({ sql, role: 'migration', ...(number !== undefined && { number }) });
    }
  }
  return { statements: run };
}
