import { hashOf } from '../../lib/hash.ts';
import type { Evidence } from '../evidence/evidence.ts';

/**
 * Binds a confirmation to what was shown: the same environment, files, schema, history and findings give the
 * same hash, however long the statements took and however many rows came in between.
 */
export function confirmationHash(shown: {
  readonly environment: string;
  readonly locations: readonly string[];
  readonly migrations: readonly { readonly database: string; readonly tag: string; readonly hash: string }[];
  readonly evidence: readonly Evidence[];
  readonly errors: readonly { readonly rule: string; readonly tag: string }[];
}): string {
  return hashOf({
    ...shown,
    evidence: shown.evidence.map(({ database, rehearsal, before, after, losses, violations }) => ({
      database,
      rehearsal,
      before,
      after,
      losses: losses.map(({ kind, table, rows }) => ({ kind, table, rows })),
      violations: violations.added,
    })),
  }).slice(0, 16);
}
