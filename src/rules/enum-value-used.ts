import { usedEnumValues } from '../sql/postgres/enum-values.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const enumValueUsed: Rule = {
  id: 'enum-value-used',
  title: 'An enum value is added and used in the same migration.',
  why: 'PostgreSQL takes a new value only after the commit: unsafe use of new value (55P04). Here what comes before is committed first, so that a failure behind it leaves the migration half-finished; drizzle-orm runs all pending ones in one transaction, and fails.',
  fix: 'Add the value in a migration of its own, and use it in the next.',
  severity: onPostgres('warning'),
  check: ({ statements, number }) => {
    const found = usedEnumValues(statements).find(({ used }) => used === number);
    return (
      found &&
      `The value ${found.value} of ${found.type}, which statement ${found.added} adds, cannot be used before a commit: what comes before statement ${number} is committed first.`
    );
  },
  accepts: [
    {
      given: ["CREATE TYPE role AS ENUM ('a')"],
      sql: ["ALTER TYPE role ADD VALUE 'b'", "ALTER TYPE role ADD VALUE 'c' AFTER 'b'"],
    },
    { sql: ["CREATE TYPE role AS ENUM ('a')", "ALTER TYPE role ADD VALUE 'b'", "SELECT 'b'::role"] },
  ],
  rejects: [
    {
      given: ["CREATE TYPE role AS ENUM ('a')", 'CREATE TABLE t (r role)'],
      sql: ["ALTER TYPE role ADD VALUE 'b'", "ALTER TABLE t ALTER COLUMN r SET DEFAULT 'b'"],
    },
  ],
};
