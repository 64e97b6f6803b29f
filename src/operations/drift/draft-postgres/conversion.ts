/** How the values of a column come to another type. */
export interface Conversion {
  /** Behind `TYPE x`; empty where PostgreSQL does it by itself. */
  readonly using: string;
  readonly how: 'by-itself' | 'cast' | 'through-text';
  /** Keys, references and indexes on the column go along by themselves. */
  readonly staysInFamily: boolean;
}

/**
 * https://www.postgresql.org/docs/current/sql-createcast.html: without USING only a cast is taken that an assignment
 * takes, too. Through text every type can be read from every other; a value that it does not take stops the statement.
 * A cast to a string type is never written: an explicit one cuts what is too long.
 *
 * @param stored the type that `to` is, or is a domain over
 */
export function conversionOf(column: string, from: string, to: string, stored: string): Conversion {
  const [old, next] = [baseOf(from), baseOf(to)];
  const staysInFamily = old === next || families.some((family) => family.has(old) && family.has(next));
  const cast = castBetween(column, old, next, to);
  if (cast !== undefined) return { using: ` USING ${cast}`, how: 'cast', staysInFamily };
  if (old === next || canAssign(old, next)) return { using: '', how: 'by-itself', staysInFamily };
  return { using: ` USING ${fromText(column, to, stored)}`, how: 'through-text', staysInFamily };
}

/**
 * A column's values as another type reads their texts. A string with a length is left to the assignment, as it is where
 * a domain is over one.
 */
export function fromText(column: string, to: string, stored: string): string {
  const text = `${column}::text`;
  const base = baseOf(stored);
  const one = base.replace(/\[\]$/, '');
  const array = base.slice(one.length);
  if (strings.has(one) || one === 'character') return array === '' ? text : `${text}::text[]`;
  return one === 'bit' || one === 'bit varying' ? `${text}::bit varying${array}` : `${text}::${to}`;
}

const integers = new Set(['smallint', 'integer', 'bigint']);
const strings = new Set(['text', 'character varying']);
const families = [integers, strings];

/** Without a length: `numeric(10,2)[]` → `numeric[]`. */
function baseOf(type: string): string {
  return type.replace(/\([\d,\s-]+\)/, '');
}

function canAssign(from: string, to: string): boolean {
  if (strings.has(to) || to === 'character') return true;
  const [old, next] = [from, to].map((type) => type.replace(/\[\]$/, ''));
  if (from.endsWith('[]') !== to.endsWith('[]')) return false;
  // The other way round what stands behind the bits of the network would be set to 0; a text with it is refused.
  if (old === 'cidr' && next === 'inet') return true;
  return groups.some((group) => group.has(old ?? '') && group.has(next ?? ''));
}

const groups = [
  new Set([...integers, 'real', 'double precision', 'numeric']),
  new Set(['text', 'character varying', 'character']),
  new Set(['date', 'timestamp without time zone', 'timestamp with time zone']),
  new Set(['json', 'jsonb']),
  new Set(['bit', 'bit varying']),
  new Set(['money', 'numeric']),
];

const floats = new Set(['real', 'double precision']);

function castBetween(column: string, from: string, to: string, type: string): string | undefined {
  if (integers.has(from) && to === 'boolean') return `${column} <> 0`;
  if (from === 'boolean' && integers.has(to))
    return `${column}::integer${to === 'integer' ? '' : `::${type}`}`;
  // The cast keeps 6 or 15 digits; the text has all that tell the value apart.
  return isRounded(from, to) ? `${column}::text::${type}` : undefined;
}

function isRounded(from: string, to: string): boolean {
  return floats.has(from.replace(/\[\]$/, '')) && to === `numeric${from.endsWith('[]') ? '[]' : ''}`;
}
