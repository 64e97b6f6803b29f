import { MigrateError } from '../../../lib/errors.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import { maskedType, type MaskedType } from '../../../sql/postgres/masked-types.ts';
import { hashedBytes, maskOf, rulesOf, stillThere, type Masking } from '../../masks.ts';
import { copyNull, fieldOf, rowEditor, textIn, type ChangeField } from './text.ts';
import type { SourceTable } from './dumped-tables.ts';

/** Whether rows of a table are copied under these rules. */
export function areCopied(table: string, { rules }: Masking): boolean {
  return (rulesOf(table, rules)?.rows ?? 'copied') === 'copied';
}

/**
 * What takes the place of the values of a row, before they are written anywhere.
 *
 * @returns what gives a changed row, valid until the next; undefined where nothing of the table is masked
 * @throws MigrateError `config` where a type has no values that say nothing; while rows go by, `refused` where a value
 *   is its own mask
 */
export function rowChanger(table: SourceTable, masking: Masking): ((row: Buffer) => Buffer) | undefined {
  const rules = rulesOf(table.name, masking.rules);
  const changes = table.columns.flatMap(({ name, type }, at): readonly (readonly [number, ChangeField])[] => {
    const mask = maskOf(name, rules);
    if (mask === undefined) return [];
    return [[at, mask === 'null' ? () => copyNull : hasher({ table: table.name, name, type }, masking)]];
  });
  return changes.length === 0 ? undefined : rowEditor(new Map(changes));
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

function hasher({ table, name, type }: Column, { key }: Masking): ChangeField {
  const masked = maskedType(type);
  if (!masked) throw notHashed({ table, name, type });
  return (field) => {
    const value = textIn(field);
    if (saysNothing(value, masked)) return field;
    const stands = fieldOf(hashedText(value, masked, key));
    if (stands.equals(field)) throw stillThere(table, name);
    return stands;
  };
}

/** Nothing personal is in an empty text, and programs treat one like nothing. */
function saysNothing(value: Buffer, type: MaskedType): boolean {
  if (type.kind === 'bytes') return value.toString('latin1', 0, 3) === '\\x';
  return type.kind === 'text' && (type.padded ? trimmed(value) : value).length === 0;
}

/** In PostgreSQL's own words for the type. */
function hashedText(value: Buffer, type: MaskedType, key: string): string {
  switch (type.kind) {
    case 'text': {
      const text = type.padded ? trimmed(value) : value;
      return shortened(String(hashedBytes(text, 'text', key)), type.length);
    }
    case 'integer':
      return numberBelow(1n << BigInt(type.bits), value.toString(), key);
    case 'numeric': {
      const number = value
        .toString()
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
      return numberBelow(10n ** BigInt(Math.min(type.digits ?? 15, 15)), number, key);
    }
    case 'real':
      return String(wholeNumber(value.toString(), key));
    case 'uuid':
      return asUuid(bytesOf(value, key));
    case 'bytes':
      return `\\x${bytesOf(value, key)}`;
    default:
      return unreachable(type);
  }
}

function trimmed(value: Buffer): Buffer {
  return Buffer.from(value.toString().trimEnd());
}

/** In a small range a number may well be its own mask: then the next one stands for it. */
function numberBelow(limit: bigint, text: string, key: string): string {
  const number = wholeNumber(text, key) % limit;
  return String(String(number) === text ? (number + 1n) % limit : number);
}

function wholeNumber(text: string, key: string): bigint {
  return BigInt(String(hashedBytes(Buffer.from(text), 'integer', key)));
}

/** 16 bytes, hex. */
function bytesOf(value: Buffer, key: string): string {
  const bytes = hashedBytes(value, 'blob', key);
  return Buffer.from(bytes instanceof Uint8Array ? bytes : String(bytes)).toString('hex');
}

/** With the version and variant of a random one. */
function asUuid(hex: string): string {
  const digits = `${hex.slice(0, 12)}4${hex.slice(13, 16)}a${hex.slice(17)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** An address that does not fit is one no longer. */
function shortened(text: string, length: number | undefined): string {
  if (length === undefined || text.length <= length) return text;
  return text.replace(/@.*$/, '').slice(0, length);
}

function notHashed({ table, name, type }: Column): MigrateError {
  return new MigrateError(
    'config',
    `${table}.${name} has the rule 'hash', but its type ${type} has no value that would say nothing. Nothing was copied or changed.`,
    { next: "Write 'null', or 'keep'. The rules are in masks in the configuration." },
  );
}
