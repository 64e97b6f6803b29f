import { sqliteLease } from '../../bookkeeping/lease-sqlite.ts';
import { guard } from '../../sql/guard.ts';
import type { Statement } from '../../sql/statement.ts';

const violationsNow = `SELECT "table" || char(31) || parent AS k, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1`;

/** The violations of this moment, as an SQL expression: what `keepCounts` keeps under `fk`. */
export const violationsJson = `(SELECT coalesce(json_group_object(k, n), '{}') FROM (${violationsNow}))`;
const moreViolations = `FROM (${violationsNow}) AS found WHERE found.n > coalesce((SELECT value FROM json_each(${sqliteLease.keptCounts}, '$.fk') WHERE key = found.k), 0)`;

/** Raises when there are violations that were not there when the counts were kept. */
export const foreignKeyGuard: Statement = {
  sql: guard(
    'foreign-keys',
    `NOT EXISTS (SELECT 1 ${moreViolations})`,
    `coalesce((SELECT group_concat(replace(found.k, char(31), ' to ')) ${moreViolations}), '')`,
  ),
};
