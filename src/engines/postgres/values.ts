import type { SqlValue } from '../../sql/statement.ts';
import { exactInteger } from '../values.ts';

/** How the text of a value becomes a value of ours. */
export type Parser = (text: string) => SqlValue;

/**
 * Whole numbers and floats become numbers, `bytea` bytes; everything else stays the text that PostgreSQL writes,
 * `numeric`, `bool` and dates among them: no JavaScript value holds all of theirs.
 *
 * @param type the number of the type in `pg_type`, which is the same on every server for those that are built in
 */
export function parserOf(type: number): Parser {
  return parsers.get(type) ?? asText;
}

/** Parameters as text, bytes as they are: the server makes of a text what the statement needs. */
export function toParameters(args: readonly SqlValue[] | undefined): (string | Uint8Array | null)[] {
  return (args ?? []).map((value) => {
    if (value === null || value instanceof Uint8Array) return value;
    return Object.is(value, -0) ? '-0' : String(value);
  });
}

const asText: Parser = (text) => text;
const asInt8: Parser = (text) => exactInteger(BigInt(text));

/** In either form that the server's `bytea_output` may give it. */
const asBytes: Parser = (text) => {
  if (text.startsWith('\\x')) return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
  const plain = text.replaceAll(/\\(\\|[0-7]{3})/g, (_, code: string) =>
    code === '\\' ? code : String.fromCodePoint(Number.parseInt(code, 8)),
  );
  return new Uint8Array(Buffer.from(plain, 'latin1'));
};

const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  /* bytea */ [17, asBytes],
  /* int8 */ [20, asInt8],
  /* int2 */ [21, Number],
  /* int4 */ [23, Number],
  /* oid */ [26, Number],
  /* float4 */ [700, Number],
  /* float8 */ [701, Number],
]);
