import { createHash, hash } from 'node:crypto';
import { MigrateError } from '../lib/errors.ts';
import { sameName } from '../sql/cursor.ts';
import type { CopyRules, MaskedColumn, TableRules } from '../sql/copy-rules.ts';
import { quoteName } from '../sql/quote.ts';
import type { Query, SqlValue } from '../sql/statement.ts';

/** The rules of a copy with the key of its hashes, which is made for one run and kept nowhere. */
export interface Masking {
  readonly rules: CopyRules;
  /** Hex. */
  readonly key: string;
}

/** What a value is to SQLite, as `typeof` says it. */
export type StorageClass = 'integer' | 'real' | 'text' | 'blob';

/** How every hashed text begins: no number to SQLite, and a name to people. */
const maskedPrefix = 'masked_';

/**
 * What stands in a copy for a value: of the same kind, the same for equal values wherever they stand, and another one
 * for different values. A text that looks like an address stays one, in a domain that no mail can be sent to.
 *
 * @param hex the value as SQLite casts it to a blob: a text leaves less behind than bytes do where millions are hashed
 */
export function hashed(hex: string, kind: StorageClass, key: string): SqlValue {
  const digest = hash('sha256', `${key} ${kind} ${hex}`);
  return standIn(digest, kind, looksLikeAddress(hex) ? 'address' : 'other');
}

/** The same for the bytes of a value: of a long one no text is made that is twice as long, which V8 would keep for long. */
export function hashedBytes(value: Buffer, kind: StorageClass, key: string): SqlValue {
  if (value.length <= longest) return hashed(value.toString('hex'), kind, key);
  const digest = createHash('sha256').update(`${key} ${kind} `);
  for (let from = 0; from < value.length; from += longest) {
    digest.update(value.toString('hex', from, from + longest));
  }
  return standIn(digest.digest('hex'), kind, 'other');
}

/** Bytes that are hashed as one text; an address has fewer. */
const longest = 4096;

function standIn(digest: string, kind: StorageClass, of: 'address' | 'other'): SqlValue {
  // No more than a part of the digest is shown: without the key nobody tries values out or goes on from one.
  switch (kind) {
    case 'integer':
      return wholeNumber(digest);
    case 'real':
      return Number(wholeNumber(digest));
    case 'blob':
      return new Uint8Array(Buffer.from(digest.slice(0, 32), 'hex'));
    case 'text': {
      const name = maskedPrefix + digest.slice(0, 20);
      return of === 'address' ? `${name}@masked.invalid` : name;
    }
  }
}

/** 53 bits: a JavaScript number holds it exactly. */
function wholeNumber(digest: string): bigint {
  return BigInt(`0x${digest.slice(0, 16)}`) >> 11n;
}

/** Nothing personal is in an empty text, and programs treat one like nothing. */
export function isEmpty(hex: string, kind: StorageClass): boolean {
  return hex === '' && (kind === 'text' || kind === 'blob');
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

/** One `@` with something on both sides, in the length of an address. */
function looksLikeAddress(hex: string): boolean {
  return hex.length <= 640 && /^(?:(?!40)..)+40(?:(?!40)..)+$/.test(hex);
}
