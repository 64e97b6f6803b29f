import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../lib/patient-fs.ts';
import type { Engine, UnitOutcome, UnitStatement } from '../../engines/engine.ts';
import { settle } from '../../engines/settle.ts';
import { MigrateError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { guard } from '../../sql/guard.ts';
import { quoteText } from '../../sql/quote.ts';
import { isThere } from './is-there.ts';

export interface SelfTestOptions {
  /** Where it is remembered which databases have passed. */
  readonly folder: string;
  readonly environment: string;
  readonly signal: AbortSignal;
}

/**
 * Proves once for a database that a batch which fails leaves nothing behind: all that a rehearsal inside it rests on.
 * A table of ours is made in a batch that then fails, and must not be there afterwards; if it is, it is dropped.
 *
 * @returns `passed` now, or `remembered` from an earlier run
 * @throws MigrateError `rehearsal-failed` when something stays; `unreachable` or `busy` when nobody can say
 */
export async function proveUndone(
  engine: Engine,
  { folder, environment, signal }: SelfTestOptions,
): Promise<'passed' | 'remembered'> {
  const file = fileFor(engine, folder);
  if (await isRemembered(file)) return 'remembered';
  const statements = probe.map((sql): UnitStatement => ({ sql, role: 'guard' }));
  const outcome = await engine.unit({ foreignKeys: 'on', statements }, { signal });
  await refuseUnknown(engine, outcome);
  if (await isThere(engine, probeTable)) throw await notUndone(engine, environment);
  if (outcome.kind !== 'guarded') throw notTested(outcome, engine, environment);
  await remember(file, engine.location);
  return 'passed';
}

/** What was found out about it does not hold any more. */
export async function forgetProof(engine: Engine, folder: string): Promise<void> {
  await rm(fileFor(engine, folder), { force: true });
}

const probeTable = '__migrate_tui_probe';
const probe = [
  `CREATE TABLE ${probeTable} (n INTEGER)`,
  `INSERT INTO ${probeTable} (n) VALUES (1)`,
  guard('self-test', '0'),
];

function fileFor({ rewind, location }: Engine, folder: string): string {
  return join(folder, `${sha256(rewind?.of ?? location).slice(0, 16)}.json`);
}

async function isRemembered(file: string): Promise<boolean> {
  try {
    await readFile(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function remember(file: string, location: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  const said = { location, undoneInFullAt: new Date().toISOString() };
  await writeFile(`${file}.new`, `${JSON.stringify(said)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** An answer that was lost: looking for the table means something only once the request is over. */
async function refuseUnknown(engine: Engine, outcome: UnitOutcome): Promise<void> {
  if (outcome.kind !== 'unknown') return;
  const found = {
    sql: `SELECT 1 FROM sqlite_schema WHERE name = ${quoteText(probeTable)}`,
  };
  // With the table there, the answer does not matter any more.
  if ((await settle(engine, found)) !== 'committed') throw outcome.error;
}

function notTested(
  outcome: Exclude<UnitOutcome, { kind: 'guarded' }>,
  { location }: Engine,
  environment: string,
): MigrateError {
  if (outcome.kind === 'busy' || outcome.kind === 'unknown') return outcome.error;
  if (outcome.kind === 'stopped')
    return new MigrateError('interrupted', 'The run was asked to stop before its rehearsal.');
  const why = outcome.kind === 'failed' ? outcome.error.message : 'a statement that must fail did not';
  return new MigrateError(
    'rehearsal-failed',
    `${location} was not rehearsed in, because it did not show that a failing batch leaves nothing behind: ${why}. ${environment} is as before.`,
    {
      next: `The rehearsal inside a database needs a token with the permission D1 Edit; rehearse: 'full' for ${environment} in the config needs none.`,
    },
  );
}

async function notUndone(engine: Engine, environment: string): Promise<MigrateError> {
  const dropped = await engine.unit({
    foreignKeys: 'on',
    statements: [{ sql: `DROP TABLE IF EXISTS ${probeTable}`, role: 'guard' }],
  });
  const left =
    dropped.kind === 'committed'
      ? `The empty table that showed it (${probeTable}) is dropped again`
      : `The table that showed it, ${probeTable}, could not be dropped`;
  return new MigrateError(
    'rehearsal-failed',
    `${engine.location} keeps what a failing batch did before it failed: a rehearsal inside it would have changed it for good, and a migration that fails there stays half done. ${left}; nothing else was changed.`,
    {
      next: `Set rehearse: 'full' for ${environment} in the config, and tell Cloudflare: D1 promises that a batch is undone in full.`,
    },
  );
}
