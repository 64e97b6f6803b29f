import { breathe } from '../../waiting.ts';
import type { TakePiece } from '../copy/stream.ts';
import { pieceLength } from '../copy/dump-file.ts';
import type { SourceTable } from '../copy/dumped-tables.ts';
import type { Pglite } from './package.ts';
import { thrown } from './session.ts';
import { stopped } from '../copy/table-errors.ts';

/**
 * Gives the rows of a table in COPY's text format, one at a time. PGlite hands COPY's answer over as a whole, so some
 * blocks of the table are asked for at a time: https://www.postgresql.org/docs/current/ddl-system-columns.html
 *
 * @param signal is looked at between two answers
 * @returns rows
 */
export async function copyOutOf(
  pglite: Pglite,
  { select, oid }: Pick<SourceTable, 'select' | 'oid'>,
  { take, signal }: { readonly take: TakePiece; readonly signal: AbortSignal | undefined },
): Promise<number> {
  const step = await blocksAtATime(pglite, oid);
  let rows = 0;
  for (let from = 0; ; from += step.blocks) {
    if (signal?.aborted) throw stopped();
    await breathe();
    const isLast = from + step.blocks >= step.of;
    const range = `ctid >= '(${from},0)'${isLast ? '' : ` AND ctid < '(${from + step.blocks},0)'`}`;
    const sql = `COPY (${select} WHERE ${range}) TO '/dev/blob'`;
    const { blob } = await pglite.query(sql, [], {}).catch(thrown);
    if (blob) rows += await takeLines(Buffer.from(await blob.arrayBuffer()), take);
    if (isLast) return rows;
  }
}

/** So many that they are about `portion` with the long values that are kept beside them; those of partitions together. */
async function blocksAtATime(pglite: Pglite, oid: number): Promise<{ blocks: number; of: number }> {
  const sql = `SELECT sum(pg_table_size(relid))::text AS bytes,
      max(pg_relation_size(relid) / current_setting('block_size')::int)::text AS blocks
    FROM (SELECT ${oid}::oid AS relid UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid})) AS parts`;
  const { rows } = await pglite.query(sql, [], {}).catch(thrown);
  const [bytes, of] = [Number(rows[0]?.['bytes']), Number(rows[0]?.['blocks'])];
  return { blocks: Math.max(1, Math.ceil((of * portion) / Math.max(bytes, portion))), of };
}

/** Each line is a row: a line break within a value is written otherwise. */
async function takeLines(all: Buffer, take: TakePiece): Promise<number> {
  let rows = 0;
  for (let from = 0; from < all.length; rows += 1) {
    const end = all.indexOf(newline, from);
    const next = end < 0 ? all.length : end + 1;
    await take(all.subarray(from, next));
    from = next;
  }
  return rows;
}

/**
 * @param into a table with its columns, quoted
 * @param signal is looked at between two parts
 * @returns rows
 */
export async function copyInto(
  pglite: Pglite,
  into: string,
  {
    pieces,
    signal,
  }: { readonly pieces: AsyncIterable<Uint8Array>; readonly signal: AbortSignal | undefined },
): Promise<number> {
  let rows = 0;
  for await (const part of wholeRows(pieces)) {
    if (signal?.aborted) throw stopped();
    await breathe();
    const sql = `COPY ${into} FROM '/dev/blob'`;
    const { affectedRows = 0 } = await pglite.query(sql, [], { blob: new Blob([part]) }).catch(thrown);
    rows += affectedRows;
  }
  return rows;
}

/** Some megabytes at a time, which end with a row; each is only valid until the next is asked for. */
async function* wholeRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let place = Buffer.allocUnsafe(portion + pieceLength);
  let filled = 0;
  for await (const piece of pieces) {
    // A row may be as long as PostgreSQL lets it be.
    if (filled + piece.length > place.length) place = Buffer.concat([place], 2 * (filled + piece.length));
    place.set(piece, filled);
    filled += piece.length;
    const end = filled < portion ? 0 : place.lastIndexOf(newline, filled - 1) + 1;
    if (end === 0) continue;
    yield place.subarray(0, end);
    place.copyWithin(0, end, filled);
    filled -= end;
  }
  if (filled > 0) yield place.subarray(0, filled);
}

const newline = 0x0a;

/** Bytes. */
const portion = 4 * 1024 * 1024;
