import type { Migration } from '../../migrations/migration.ts';
import type { ReplayBaseOptions } from './replay-points.ts';
import { enforcement, openScratchEngine, refusalOf, runnable, type Refusal } from './scratch-engine.ts';

/** The first statement of a history that cannot be run on an empty database. */
export interface RefusedStatement extends Refusal {
  readonly tag: string;
}

/** Runs migrations one after the other in a scratch database without rows; each is one transaction. */
export async function firstRefusal(
  migrations: readonly Pick<Migration, 'tag' | 'statements'>[],
  { like, signal }: Pick<ReplayBaseOptions, 'like' | 'signal'>,
): Promise<RefusedStatement | undefined> {
  const { engine, close } = await openScratchEngine(like);
  try {
    for (const { tag, statements: written } of migrations) {
      signal?.throwIfAborted();
      const { statements, refusal } = runnable(written);
      if (refusal) return { tag, ...refusal };
      const unit = { foreignKeys: enforcement(engine), statements };
      const outcome = await engine.unit(unit, signal ? { signal } : {});
      signal?.throwIfAborted();
      if (outcome.kind !== 'committed') return { tag, ...refusalOf(outcome) };
    }
    return undefined;
  } finally {
    await close();
  }
}
