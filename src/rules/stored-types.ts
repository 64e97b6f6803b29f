/**
 * Whether PostgreSQL keeps a column's rows as they are stored when its type changes: where the new type takes every
 * old value in the same form (https://www.postgresql.org/docs/current/sql-altertable.html). False where that is not known.
 *
 * @param from and `to`, as written or as the server writes it
 */
export function keepsRows(from: string, to: string): boolean {
  const [old, made] = [parted(from), parted(to)];
  if (old.array || made.array) return written(old) === written(made);
  if (old.base === 'cidr' && made.base === 'inet') return true;
  if (isText(old.base) && made.base === 'text') return true;
  if (old.base === 'text') return made.base === 'character varying' && made.sizes.length === 0;
  if (old.base !== made.base) return false;
  return growing.has(old.base) ? grows(old.sizes, made.sizes) : written(old) === written(made);
}

interface Parted {
  readonly base: string;
  readonly sizes: readonly number[];
  readonly array: boolean;
}

const isText = (base: string) => base === 'text' || base === 'character varying';
const written = ({ base, sizes, array }: Parted) => `${base}(${sizes.join()})${array ? '[]' : ''}`;

/** Types whose sizes are limits alone. */
const growing = new Set([
  'character varying',
  'bit varying',
  'numeric',
  'timestamp without time zone',
  'timestamp with time zone',
  'time without time zone',
  'time with time zone',
  'interval',
]);

/** No limit where there was one, or a wider one; the digits behind a decimal point stay. */
function grows([old, oldScale = 0]: readonly number[], [made, scale = 0]: readonly number[]): boolean {
  if (made === undefined) return true;
  return old !== undefined && made >= old && scale === oldScale;
}

function parted(type: string): Parted {
  const lower = type.toLowerCase().replaceAll('"', '').trim();
  const array = lower.endsWith(']');
  const sizes = /\(([\d\s,]*)\)/.exec(lower)?.[1]?.split(',').map(Number) ?? [];
  const base = lower
    .replace(/\([^)]*\)/, ' ')
    .replace(/(?:\[\d*\]\s*)+$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { base: aliases[base] ?? base, sizes, array };
}

const aliases: Readonly<Record<string, string>> = {
  varchar: 'character varying',
  char: 'character',
  bpchar: 'character',
  varbit: 'bit varying',
  int: 'integer',
  int4: 'integer',
  int2: 'smallint',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  bool: 'boolean',
  decimal: 'numeric',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
  serial: 'integer',
  bigserial: 'bigint',
  smallserial: 'smallint',
};
