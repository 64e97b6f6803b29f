import type { SqlError } from '../../engines/engine.ts';
import type { KnownConstraint, ServerNames } from '../../operations/causes/failure.ts';
import { nameInSchema } from '../../sql/quote.ts';
import type { Query } from '../../sql/statement.ts';

/**
 * What a PostgreSQL server names in an error beside its message: names in fields of their own
 * (https://www.postgresql.org/docs/18/protocol-error-fields.html), and of DETAIL, which quotes rows, only what is a name.
 *
 * @param query where the statement failed; all of its transaction is undone there
 */
export async function serverNames(error: SqlError, query: Query): Promise<ServerNames> {
  const field = fieldsOf(error.cause);
  const [schema, relation, constraint] = [field('schema'), field('table'), field('constraint')];
  const table = relation === undefined ? undefined : nameInSchema(schema ?? 'public', relation);
  const column = field('column');
  const found =
    relation === undefined || constraint === undefined
      ? undefined
      : await readConstraint(query, [schema ?? 'public', relation, constraint]);
  const [role] = error.code === '42501' ? await query({ sql: 'SELECT current_user::text AS name' }) : [];
  return {
    keys: found?.keys ?? keysIn(error.code, field('detail')),
    dependents: dependentsIn(error.code, field('detail')),
    ...(table === undefined ? {} : { table }),
    ...(column === undefined ? {} : { column }),
    ...(constraint === undefined ? {} : { constraint }),
    ...(role ? { role: String(role['name']) } : {}),
    ...(found ? { known: found.known } : {}),
  };
}

/** `pg` and PGlite each have a class of their own for it, with the same fields. */
function fieldsOf(cause: unknown): (name: string) => string | undefined {
  const fields = new Map(typeof cause === 'object' && cause !== null ? Object.entries(cause) : []);
  return (name) => {
    const value: unknown = fields.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
}

/** `Key (email, lower(name))=(…) already exists.`, in whatever language. */
function keysIn(code: string, detail = ''): readonly string[] {
  if (code !== '23505' && code !== '23503') return [];
  const keys = /\((.*?)\)=\(/s.exec(detail)?.[1];
  return keys === undefined ? [] : atCommas(keys);
}

/** Splits at commas that are in no parentheses. */
function atCommas(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + char);
  }
  return parts.map((part) => part.trim());
}

/** Each line says `view seen depends on column a of table t`; where it is in another language, the whole line. */
function dependentsIn(code: string, detail = ''): readonly string[] {
  if (code !== '2BP01' && code !== '0A000') return [];
  const generated = / is used by generated column "(.*)"\.$/.exec(detail)?.[1];
  if (generated !== undefined) return [`generated column ${generated}`];
  // A line that names one is no sentence.
  const lines = detail.split('\n').filter((line) => line !== '' && !line.endsWith('.'));
  return [...new Set(lines.map((line) => plain(line.replace(/ depends on .*$/, ''))))];
}

/** A view reads through a rule of its own. */
const plain = (dependent: string) => dependent.replace(/^rule _RETURN on (?=(?:materialized )?view )/, '');

interface Found {
  readonly keys: readonly string[];
  readonly known: KnownConstraint;
}

async function readConstraint(
  query: Query,
  [schema, table, constraint]: readonly [schema: string, table: string, constraint: string],
): Promise<Found | undefined> {
  const [row] = await query({ sql: constraintQuery, args: [schema, table, constraint] });
  if (!row) return undefined;
  const columns: readonly string[] = JSON.parse(String(row['columns']));
  if (row['type'] === 'c') {
    return { keys: columns, known: { kind: 'check', expression: String(row['expression']) } };
  }
  return {
    keys: columns,
    known: {
      kind: 'foreign-key',
      table: nameInSchema(schema, table),
      columns,
      parent: nameInSchema(String(row['parent_schema']), String(row['parent'])),
      parentColumns: JSON.parse(String(row['parent_columns'])),
    },
  };
}

const names = (relation: string, numbers: string) =>
  `(SELECT coalesce(json_agg(a.attname ORDER BY u.at), '[]')::text
    FROM unnest(${numbers}) WITH ORDINALITY AS u(attnum, at)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = u.attnum)`;

const constraintQuery = `
SELECT k.contype::text AS type, pg_get_expr(k.conbin, k.conrelid) AS expression,
  ${names('k.conrelid', 'k.conkey')} AS columns, ${names('k.confrelid', 'k.confkey')} AS parent_columns,
  pn.nspname::text AS parent_schema, p.relname::text AS parent
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class p ON p.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3 AND k.contype IN ('c', 'f')`;
