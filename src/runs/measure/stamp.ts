import { stat } from 'node:fs/promises';
import type { Address } from '../../engines/address.ts';
import type { Engine } from '../../engines/engine.ts';
import { fileOf } from '../backups/copies.ts';
import { countRows } from './measure.ts';
import { stampOfPostgres } from '../postgres/stamp.ts';

/**
 * A text that is different when rows may have changed; equal only when none did, as far as can be told cheaply.
 * Of a file: size and time of the database and its write-ahead log. Where the server keeps a history: the place in it.
 * In PostgreSQL: which transactions wrote the rows that are there.
 * Of any other remote database: its row counts, which an UPDATE leaves as they are.
 */
export async function stampOf(
  address: Address,
  { query, rewind }: Pick<Engine, 'query' | 'rewind'>,
): Promise<string> {
  if (rewind) return rewind.position();
  if (query.dialect === 'postgres') return stampOfPostgres(query);
  const file = fileOf(address);
  if (file === undefined) return JSON.stringify(await countRows(query));
  return `${await stampOfFile(file)} ${await stampOfFile(`${file}-wal`)}`;
}

async function stampOfFile(path: string): Promise<string> {
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    return size === 0n ? 'empty' : `${size}:${mtimeNs}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'empty';
    throw error;
  }
}
