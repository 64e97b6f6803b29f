/**
 * What a copy of a PostgreSQL database is made of, in the order of the file. Each part is a letter, the length of what
 * follows in four bytes (big-endian), and that: JSON, or for rows pieces of COPY's text format. Pieces end anywhere.
 * The last part holds the SHA-256 of every byte before it, so that what is cut off or changed is known before any of it
 * is used.
 */
export type DumpPart =
  | { readonly kind: 'header'; readonly header: DumpHeader }
  /** What to run before the rows and after them. */
  | { readonly kind: 'script'; readonly script: DumpScript }
  | { readonly kind: 'sequences'; readonly sequences: readonly SequenceValue[] }
  | { readonly kind: 'table'; readonly table: DumpedTable }
  | { readonly kind: 'rows'; readonly piece: Uint8Array }
  | { readonly kind: 'counted'; readonly rows: number }
  | { readonly kind: 'end'; readonly sha256: string };

export interface DumpHeader {
  readonly format: 1;
  /** `server_version_num` of where it was read. */
  readonly server: number;
  readonly encoding: string;
}

/** Statements, each of which runs by itself. */
export interface DumpScript {
  /** `SET LOCAL …`, for as long as the others run. */
  readonly settings: readonly string[];
  readonly beforeRows: readonly string[];
  readonly afterRows: readonly string[];
  /** Owners and rights: what cannot be given back stops nothing. */
  readonly rights: readonly string[];
  /** What was there and is not made again, for people: `event trigger noted`. */
  readonly leftOut: readonly string[];
}

export interface DumpedTable {
  /** What people call it: without its schema when that is `public`. */
  readonly name: string;
  /** Quoted, with its schema and the columns that take values, for `COPY … FROM`. */
  readonly into: string;
}

/** Where a sequence stands. */
export interface SequenceValue {
  /** Quoted, with its schema. */
  readonly sequence: string;
  readonly value: string;
  readonly isCalled: boolean;
}

/** Begins every file, so that nothing else is taken for one. */
export const dumpMagic = Buffer.from('migrate-tui pgdump\n');

export const letters = {
  header: 'H',
  script: 'S',
  sequences: 'Q',
  table: 'T',
  rows: 'D',
  counted: 'C',
  end: 'Z',
} as const satisfies Record<DumpPart['kind'], string>;

/** Of the letter and the length. */
export const headLength = 5;

/** Bytes of rows in one part. */
export const pieceLength = 256 * 1024;
