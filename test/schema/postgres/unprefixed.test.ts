import { expect, test } from 'vitest';
import { unprefixed } from '../../../src/schema/postgres/unprefixed.ts';

// Each pair is one view: as PostgreSQL 15 gives it back, and as 18 does.
test.each([
  ['SELECT a.id, a.b FROM a WHERE (a.b > 1)', 'SELECT id, b FROM a WHERE (b > 1)'],
  ["SELECT t.t, t.s FROM s.t WHERE (t.s = 't.s'::text)", "SELECT t, s FROM s.t WHERE (s = 't.s'::text)"],
  ['SELECT x."Odd c" FROM a x ORDER BY x."Odd c"', 'SELECT "Odd c" FROM a x ORDER BY "Odd c"'],
  ['SELECT max(x.id) AS m FROM a x GROUP BY x.b', 'SELECT max(id) AS m FROM a x GROUP BY b'],
  [
    'SELECT x.id, ( SELECT max(b.id) AS max FROM b WHERE (b.b = x.b)) AS m FROM a x',
    'SELECT id, ( SELECT max(b.id) AS max FROM b WHERE (b.b = x.b)) AS m FROM a x',
  ],
  [
    'SELECT sub.n FROM ( SELECT count(*) AS n FROM a) sub',
    'SELECT n FROM ( SELECT count(*) AS n FROM a) sub',
  ],
  ['SELECT a.*::a AS a FROM a', 'SELECT a.*::a AS a FROM a'],
  ['SELECT a.id FROM (a JOIN b USING (id))', 'SELECT a.id FROM (a JOIN b USING (id))'],
  ['SELECT a.id FROM a, b', 'SELECT a.id FROM a, b'],
  ['SELECT a.id FROM a UNION SELECT b.id FROM b', 'SELECT a.id FROM a UNION SELECT b.id FROM b'],
  ['SELECT 1 AS one', 'SELECT 1 AS one'],
])('%s reads columns as %s', (old, now) => {
  expect(unprefixed(old)).toBe(now);
});
