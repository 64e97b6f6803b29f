/** What stands in a copy for the values of a PostgreSQL type. */
export type MaskedType =
  /** `length`: characters that fit. */
  | { readonly kind: 'text'; readonly length: number | undefined; readonly padded: boolean }
  /** Whole numbers from 0 of so many bits: a JavaScript number holds 53. */
  | { readonly kind: 'integer'; readonly bits: 15 | 31 | 53 }
  | { readonly kind: 'numeric'; /** Before the point. */ readonly digits: number | undefined }
  | { readonly kind: 'real' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'bytes' };

/**
 * @param type as `format_type` writes it, below any domain, such as `character varying(40)`
 * @returns undefined where no made-up value of the type would be one: of an enum, a date, JSON
 */
export function maskedType(type: string): MaskedType | undefined {
  const [, name = '', first, second] = /^(.+?)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  const length = first === undefined ? undefined : Number(first);
  switch (name) {
    case 'text':
    case 'citext':
    case 'character varying':
    case 'character':
    case 'bpchar':
      // What is left of a text must still tell one value from another.
      return length !== undefined && length < shortest
        ? undefined
        : { kind: 'text', length, padded: name === 'character' || name === 'bpchar' };
    case 'smallint':
      return { kind: 'integer', bits: 15 };
    case 'integer':
      return { kind: 'integer', bits: 31 };
    case 'bigint':
      return { kind: 'integer', bits: 53 };
    case 'numeric': {
      const digits = length === undefined ? undefined : length - Number(second ?? 0);
      return digits !== undefined && digits < fewest ? undefined : { kind: 'numeric', digits };
    }
    case 'real':
    case 'double precision':
      return { kind: 'real' };
    case 'uuid':
      return { kind: 'uuid' };
    case 'bytea':
      return { kind: 'bytes' };
    default:
      // An extension's type may be called with its schema.
      return name.endsWith('.citext') ? { kind: 'text', length: undefined, padded: false } : undefined;
  }
}

/** Of a text, in characters. */
const shortest = 12;

/** Of a number, before the point. */
const fewest = 3;
