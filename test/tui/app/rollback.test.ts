import { expect, test } from 'vitest';
import type { ItemState } from '../../../src/operations/reports.ts';
import { rollbackBlocked, rollbackOf, rollbackWords } from '../../../src/tui/app/rollback.ts';
import { knowing } from '../recorded/applied.ts';

test('the newest is taken back where none is meant, and a migration with all that came after it', () => {
  const known = knowing({
    '0001_a': 'applied',
    '0002_b': 'applied',
    '0003_c': 'applied',
    '0004_d': 'pending',
  });
  expect(rollbackOf({ environment: 'dev', item: undefined }, known).way?.back).toEqual({
    to: '0002_b',
    tags: ['0003_c'],
    statements: 2,
  });
  const meant = { environment: 'dev', item: { tag: '0002_b', state: 'applied' } } as const;
  expect(rollbackOf(meant, known).way).toMatchObject({
    found: { database: 'app', tag: '0003_c', verdict: 'applied in dev, and 1 migration before it' },
    option: { why: expect.stringContaining('0001_a stays applied') },
    back: { to: '0001_a', tags: ['0003_c', '0002_b'], statements: 4 },
  });
  expect(rollbackWords(meant, known)).toEqual(['rollback', 'dev', '--to', '0001_a']);
});

test('nothing stays where the first is meant', () => {
  const known = knowing({ '0001_a': 'applied' });
  expect(rollbackOf({ environment: 'dev', item: undefined }, known).way?.back?.to).toBe('nothing');
});

test.each<[string, Readonly<Record<string, ItemState>>, string, string]>([
  ['no file', { '0001_a': 'applied', '0009_lost': 'orphan' }, '0001_a', '0009_lost has no file'],
  [
    'no rollback file',
    { '0001_a': 'applied', '0005_bare': 'applied' },
    '0001_a',
    '0005 has no rollback file',
  ],
  ['an edit', { '0001_a': 'changed' }, '0001_a', '0001 was edited after it was applied'],
  ['a squash', { '0001_a': 'squashed' }, '0001_a', '0001 became part of a squashed migration'],
  ['nothing to take back', { '0001_a': 'pending' }, '0001_a', 'nothing is applied in dev'],
  ['no record', { '0001_a': 'applied', '0002_b': 'pending' }, '0002_b', '0002_b is not applied in dev'],
])('%s is said in the place of the key', (_what, items, tag, why) => {
  const meant = { environment: 'dev', item: { tag, state: items[tag] } };
  expect(rollbackBlocked(meant, knowing(items))).toBe(why);
});

test('what may not be written to, or is half-finished, takes nothing back', () => {
  const items = { '0001_a': 'applied' } as const;
  const meant = { environment: 'dev', item: undefined };
  expect(rollbackBlocked(meant, knowing(items, { readOnly: true }))).toBe('read-only in the configuration');
  expect(rollbackBlocked(meant, knowing(items, { state: 'half-finished' }))).toBe('finish dev first');
});
