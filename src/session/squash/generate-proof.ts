import type { SquashProof } from '../../operations/squash-report.ts';
import type { ToProve } from './proven-baseline.ts';

/** Whether the project's own drizzle-kit finds nothing to generate beside the squashed folder. */
export function generateProof(
  { folder }: ToProve & { readonly text: string },
  _signal: AbortSignal,
): Promise<SquashProof> {
  const says =
    folder.format === 'wrangler'
      ? 'the folder has no snapshots of Drizzle'
      : 'snapshots are kept as they are; drizzle-kit was not asked';
  return Promise.resolve({ check: 'generate', state: 'not-possible', says });
}
