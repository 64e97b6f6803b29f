import { MigrateError } from '../../lib/errors.ts';
import type { Step } from '../../operations/plan/step.ts';
import { asStep, databaseOf, type RunContext } from '../context.ts';
import { releaseLock, takeLock } from '../lock/lock.ts';
import { stampOf } from '../measure/stamp.ts';

/** Takes the target's lock for this run; the table that holds it is made on the first change. */
export async function performTake(
  { database }: Extract<Step, { kind: 'lock' }>,
  context: RunContext,
): Promise<void> {
  const of = databaseOf(context, database);
  await asStep(context, { step: 'lock', database, stopping: 'ctrl-c gives the lock back' }, async () => {
    of.engine = await of.open({ ifMissing: 'create' });
    // On PostgreSQL it costs a look at every row.
    of.stampAtLock = of.backup && (await stampOf(of.target.address, of.engine));
    const taker = {
      run: context.key,
      by: context.who.by,
      host: context.who.host,
      backup: context.progress.backup,
    };
    of.lock = await takeLock(of.engine, taker, context.environment.timeouts.busy);
    const { tookOver } = of.lock;
    if (tookOver) {
      const inside = tookOver.tag === undefined ? '' : ` in ${tookOver.tag}`;
      context.events.emit({
        kind: 'notice',
        level: 'warning',
        message: `${tookOver.by}@${tookOver.host} left the lock of ${database}${inside}; its lease had run out and was taken over.`,
      });
    }
    return { says: `the lock is this run's (epoch ${of.lock.epoch})` };
  });
}

/** Gives a lock back; called on every way out of a run, so it never throws. */
export async function performRelease(database: string, context: RunContext): Promise<void> {
  const of = databaseOf(context, database);
  if (!of.lock || !of.engine) return;
  const { lock, engine } = of;
  of.lock = undefined;
  try {
    let outcome = await releaseLock(engine, lock);
    // Giving back twice is giving back once, so a lost answer is asked for again.
    for (let again = 0; again < 2 && outcome.kind !== 'committed'; again += 1) {
      outcome = await releaseLock(engine, lock);
    }
    if (outcome.kind !== 'committed') throw new MigrateError('busy', `the answer was ${outcome.kind}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.events.emit({
      kind: 'notice',
      level: 'warning',
      message: `The lock of ${database} could not be given back (${why}); it runs out by itself in 60 s.`,
    });
  }
}
