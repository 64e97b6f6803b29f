import type { Migration } from '../../migrations/migration.ts';
import type { Statement } from '../../sql/statement.ts';

/**
 * Whether a migration may write rows past the foreign keys, which PostgreSQL then takes for true for ever: as a replica
 * does, or with the triggers of a table switched off, which foreign keys are made of. A comment that says so counts, too.
 */
export function writesPastForeignKeys({ statements }: Pick<Migration, 'statements'>): boolean {
  return statements.some(({ sql }) => /\bsession_replication_role\b|\bDISABLE\s+TRIGGER\b/i.test(sql));
}

/**
 * Runs twice in a unit, before the first statement of a migration and after its last: counts the rows that break a
 * foreign key, and the second time raises where there are more than the first time. A key that was never held against
 * its rows, or is not enforced, promises nothing.
 */
export const compareBrokenKeys: Statement = {
  sql: `DO $compare$
DECLARE
  before CONSTANT jsonb := nullif(current_setting('migrate_tui.broken_keys', true), '')::jsonb;
  counts jsonb := '{}';
  key record;
  broken bigint;
BEGIN
  FOR key IN
    SELECT k.oid, concat(nullif(cn.nspname || '.', 'public.'), c.relname, ' to ', nullif(pn.nspname || '.', 'public.'), p.relname) AS called,
      format('%I.%I', cn.nspname, c.relname) AS child, format('%I.%I', pn.nspname, p.relname) AS parent,
      string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS filled,
      string_agg(format('p.%I OPERATOR(%I.%s) c.%I', b.attname, opn.nspname, op.oprname, a.attname), ' AND ') AS same
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) AS u(own, other, operator)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.own
    JOIN pg_catalog.pg_attribute AS b ON b.attrelid = p.oid AND b.attnum = u.other
    JOIN pg_catalog.pg_operator AS op ON op.oid = u.operator JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
    WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0
      AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true' AND coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'false'
    GROUP BY 1, 2, 3, 4
  LOOP
    EXECUTE format('SELECT count(*) FROM %s AS c WHERE %s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s)',
      key.child, key.filled, key.parent, key.same) INTO broken;
    counts := counts || jsonb_build_object(key.oid::text, broken);
    IF broken > coalesce((before ->> key.oid::text)::bigint, CASE WHEN before IS NULL THEN broken ELSE 0 END) THEN
      RAISE EXCEPTION USING MESSAGE = concat('migrate-tui-guard:foreign-keys:', replace(key.called, '''', '’'), '''');
    END IF;
  END LOOP;
  PERFORM set_config('migrate_tui.broken_keys', counts::text, true);
END
$compare$`,
};
