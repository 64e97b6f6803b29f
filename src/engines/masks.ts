import { hash } from 'node:crypto';
import { MigrateError } from '../lib/errors.ts';
import { sameName } from '../sql/cursor.ts';
import type { CopyRules, MaskedColumn, TableRules } from '../sql/copy-rules.ts';
import { quoteName } from '../sql/quote.ts';
import type { Query, SqlValue } from '../sql/statement.ts';

/** The rules of a copy with the key of its hashes, which is made for one run and kept nowhere. */
export interface Masking {
  readonly rules: CopyRules;
  readonly key: Uint8Array;
}

/** What a value is to SQLite, as `typeof` says it. */
export type StorageClass = 'integer' | 'real' | 'text' | 'blob';

/** How every hashed text begins: no number to SQLite, and a name to people. */
export const maskedPrefix = 'masked_';

/**
 * What stands in a copy for a value: of the same kind, the same for equal values wherever they stand, and another one
 * for different values. A text that looks like an address stays one, in a domain that no mail can be sent to.
 *
 * @param bytes the value as SQLite casts it to a blob
 */
export function hashed(bytes: Uint8Array, kind: StorageClass, key: Uint8Array): SqlValue {
  // No more than a part of the digest is shown: without the key nobody tries values out or goes on from one.
  const digest = hash('sha256', Buffer.concat([key, Buffer.from(`${kind}\0`), bytes]), 'buffer');
  switch (kind) {
    case 'integer':
      return digest.readBigUInt64BE() >> 11n;
    case 'real':
      return Number(digest.readBigUInt64BE() >> 11n);
    case 'blob':
      return new Uint8Array(digest.subarray(0, 16));
    case 'text': {
      const name = maskedPrefix + digest.toString('hex', 0, 10);
      return looksLikeAddress(bytes) ? `${name}@masked.invalid` : name;
    }
  }
}

/** Nothing personal is in an empty text, and programs treat one like nothing. */
export function isEmpty(bytes: Uint8Array, kind: StorageClass): boolean {
  return bytes.length === 0 && (kind === 'text' || kind === 'blob');
}

/** The rules of a table; undefined: it is copied as it is. */
export function rulesOf(table: string, { tables }: CopyRules): TableRules | undefined {
  return tables.find((rules) => sameName(rules.table, table));
}

/** The mask of a column; undefined: its values are copied. */
export function maskOf(column: string, rules: TableRules | undefined): MaskedColumn['mask'] | undefined {
  return rules?.columns.find((masked) => sameName(masked.column, column))?.mask;
}

/**
 * Looks into a copy before anybody else does.
 *
 * @throws MigrateError `refused` where a masked column holds something that no mask makes
 */
export async function refuseUnmasked(query: Query, { tables }: CopyRules): Promise<void> {
  for (const { table, rows, columns } of tables) {
    if (rows !== 'copied') continue;
    for (const { column, mask } of columns) {
      const name = quoteName(column);
      const wrong =
        mask === 'null'
          ? `${name} IS NOT NULL`
          : `typeof(${name}) = 'text' AND ${name} <> '' AND substr(${name}, 1, ${maskedPrefix.length}) <> '${maskedPrefix}'`;
      const found = await query({ sql: `SELECT 1 FROM ${quoteName(table)} WHERE ${wrong} LIMIT 1` });
      if (found.length > 0) throw stillThere(table, column);
    }
  }
}

/** For a value that is itself what its mask makes of it, or that something put back in the copy. */
export function stillThere(table: string, column: string): MigrateError {
  return new MigrateError(
    'refused',
    `${table}.${column} would still hold a value of the source in spite of its mask. Nothing was changed.`,
    { next: `Give ${table}.${column} the mask 'null', or leave the table out with --exclude ${table}.` },
  );
}

/** @param cause the engine's words: they name columns and checks, and no value */
export function unfit(object: string, cause: Error): MigrateError {
  return new MigrateError(
    'refused',
    `${object} does not take its masked values: ${cause.message}. Nothing was changed.`,
    {
      next: "Give the column another rule in masks ('null' or 'keep'), or leave the table's rows out with --exclude.",
      cause,
    },
  );
}

function looksLikeAddress(bytes: Uint8Array): boolean {
  const at = bytes.indexOf(0x40);
  return at > 0 && at < bytes.length - 1 && bytes.indexOf(0x40, at + 1) === -1;
}
