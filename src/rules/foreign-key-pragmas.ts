import type { Remark, Rule } from './rule.ts';
import { onD1 } from './severities.ts';

export const foreignKeyPragmas: Rule = {
  id: 'foreign-key-pragmas',
  title: 'A foreign-key pragma that does not do on D1 what it says.',
  why: 'Every batch on D1 is a transaction, in which PRAGMA foreign_keys changes nothing: foreign keys stay on. PRAGMA defer_foreign_keys = OFF forgets the violations that were counted so far, and the commit lets them through.',
  fix: 'Leave it out. What it was to protect is told by rebuild-cascades.',
  severity: onD1('info'),
  check: ({ kind, kinds, number }): string | Remark | undefined => {
    if (kind.kind !== 'pragma' || !isOff(kind.value)) return undefined;
    if (kind.name === 'foreign_keys')
      return 'PRAGMA foreign_keys = OFF changes nothing on D1: foreign keys stay on.';
    if (kind.name !== 'defer_foreign_keys') return undefined;
    const deferred = kinds
      .slice(0, number)
      .some((each) => each.kind === 'pragma' && each.name === 'defer_foreign_keys' && !isOff(each.value));
    return deferred
      ? {
          severity: 'warning',
          message:
            'PRAGMA defer_foreign_keys = OFF forgets the violations counted until here; the commit would let them through.',
        }
      : undefined;
  },
  accepts: [{ sql: ['PRAGMA defer_foreign_keys = ON'] }, { sql: ['PRAGMA foreign_keys = ON'] }],
  rejects: [
    { sql: ['PRAGMA foreign_keys = OFF'] },
    { sql: ['PRAGMA defer_foreign_keys = ON', 'SELECT 1', 'PRAGMA defer_foreign_keys = OFF'] },
  ],
};

/** Whether a pragma's value switches it off. */
export function isOff(value: string | undefined): boolean {
  return value !== undefined && ['off', '0', 'false', 'no'].includes(value);
}
