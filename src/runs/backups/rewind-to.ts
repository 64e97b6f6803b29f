import type { Engine, Rewind } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readSchema } from '../../schema/read.ts';
import type { Statement } from '../../sql/statement.ts';
import type { PositionedDatabase } from './manifest.ts';
import type { RunDatabase } from '../context.ts';
import { currentLease } from '../lock/lock.ts';
import { readHistory } from '../snapshot.ts';

/**
 * Takes a database back in its server's history, then takes the lock again at once: the old state has an old lock.
 * Whoever took it in between is fenced off by the higher epoch. Read back afterwards.
 *
 * @param prepare plants this run's lease
 * @param onBack called once the database is, or may be, taken back
 * @returns the position just before, which undoes it
 * @throws MigrateError `refused`, `unreachable`, `verify-differs`, `stopped-part-way`
 */
export async function rewindTo(
  { engine, of }: { readonly engine: Engine; readonly of: RunDatabase },
  held: PositionedDatabase,
  {
    prepare,
    run,
    onBack,
  }: { readonly prepare: readonly Statement[]; readonly run: string; readonly onBack: () => void },
): Promise<string | undefined> {
  const rewind = historyOf(engine, held);
  const undo = await goBack(engine, rewind, held.position, run);
  onBack();
  const statements = prepare.map((statement) => ({ ...statement, role: 'record' as const }));
  const outcome = await engine.unit({ foreignKeys: 'on', statements });
  // A lost answer is settled by the lock's own row, which is read next.
  if (outcome.kind !== 'committed' && outcome.kind !== 'unknown') {
    const why = 'error' in outcome ? outcome.error.message : outcome.kind;
    throw new MigrateError(
      'stopped-part-way',
      `${engine.location} is taken back, but its lock cannot be taken: ${why}.`,
      {
        next: 'Look at the status before anything else is deployed there.',
      },
    );
  }
  await insistOnState(engine, of, held);
  return undo;
}

/**
 * The history that a position is a place in.
 *
 * @throws MigrateError `refused` where the target is another database: nothing was changed
 */
export function historyOf(engine: Pick<Engine, 'rewind' | 'location'>, held: PositionedDatabase): Rewind {
  const { rewind, location } = engine;
  if (rewind && rewind.of === held.of) return rewind;
  const whose = location === held.location ? 'a database of the same name' : held.location;
  throw new MigrateError(
    'refused',
    `The backup is a place in the history of ${whose} (${held.of}), and ${location} is another database: it would be taken to an unknown state. Nothing was changed.`,
    {
      next: `Point the environment at the database that was backed up, or restore a backup of ${location}.`,
    },
  );
}

/** A lost answer leaves open whether it happened: our lock is in the database only as long as it did not. */
async function goBack(
  engine: Engine,
  rewind: Rewind,
  position: string,
  run: string,
): Promise<string | undefined> {
  try {
    return (await rewind.to(position)).undo;
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'stopped-part-way') throw error;
    // Who cannot ask does not know either: the lost answer is then the truth about it.
    const lease = await currentLease(engine.query).catch(() => {
      throw error;
    });
    if (lease?.run === run) throw error;
    return undefined;
  }
}

async function insistOnState(
  engine: Engine,
  { database, bookkeeping }: RunDatabase,
  { history, fingerprint: expected }: PositionedDatabase,
): Promise<void> {
  const [{ shaped, entries }, schema] = await Promise.all([
    readHistory(engine, bookkeeping),
    readSchema(engine.query, { bookkeeping: [database.table] }),
  ]);
  const found = shaped.digest(entries);
  if (found === history && fingerprint(schema) === expected) return;
  throw new MigrateError(
    'verify-differs',
    `${engine.location} was taken back, but its ${found === history ? 'schema is' : 'records are'} not what the backup says.`,
    {
      next: 'The server may have kept writes of the same moment: look at the status, and restore again if it is not what it should be.',
    },
  );
}
