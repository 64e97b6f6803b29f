/**
 * JSON Schemas written beside the TypeScript types they describe: `object<T>` wants every field of `T` and no
 * other, `byKind<T>` every kind, so that a type that moves on stops the compiler until its schema does too.
 */
export interface Schema<T> extends Written {
  /** Never there; in both directions, so that a part of a union is not taken for the whole. */
  readonly of?: (value: T) => T;
}

export interface Optional<T> {
  readonly optional: Schema<T>;
}

/** A schema as it is printed, whatever type it describes. */
export interface Written {
  readonly json: Json;
  /** Schemas that are referred to by name. */
  readonly definitions: Definitions;
}

type Json = Readonly<Record<string, unknown>>;
type Definitions = Readonly<Record<string, Json>>;

export type Properties<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Optional<Exclude<T[K], undefined>> : Schema<T[K]>;
};

type Kinds<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: Schema<Extract<T, { readonly kind: K }>>;
};

export function text(description?: string): Schema<string> {
  return leaf({ type: 'string', ...described(description) });
}

/** An ISO 8601 time in UTC. */
export function time(): Schema<string> {
  return leaf({ type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' });
}

export function number(description?: string): Schema<number> {
  return leaf({ type: 'number', ...described(description) });
}

export function truth(description?: string): Schema<boolean> {
  return leaf({ type: 'boolean', ...described(description) });
}

export function anything(description: string): Schema<unknown> {
  return leaf({ description });
}

/** A field that may be left away; it is never `null`. */
export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema };
}

export function one<const T extends string | number>(value: T): Schema<T> {
  return leaf({ const: value });
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Schema<T> {
  return leaf({ enum: values });
}

export function array<T>(items: Schema<T>): Schema<readonly T[]> {
  return { json: { type: 'array', items: items.json }, definitions: items.definitions };
}

export function object<T>(properties: Properties<T>): Schema<T> {
  // What a mapped type holds cannot be walked with its types, but each is one of these two.
  const values: [string, Written | { readonly optional: Written }][] = Object.entries(properties);
  const entries = values.map(([name, value]) => ({
    name,
    schema: 'optional' in value ? value.optional : value,
    need: 'optional' in value ? 'optional' : 'required',
  }));
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(entries.map(({ name, schema }) => [name, schema.json])),
      required: entries.filter(({ need }) => need === 'required').map(({ name }) => name),
    },
    definitions: Object.assign({}, ...entries.map(({ schema }) => schema.definitions)),
  };
}

/** A union told apart by its `kind`. */
export function byKind<T extends { readonly kind: string }>(kinds: Kinds<T>): Schema<T> {
  const all: Written[] = Object.values(kinds);
  return {
    json: { anyOf: all.map(({ json }) => json) },
    definitions: Object.assign({}, ...all.map(({ definitions }) => definitions)),
  };
}

/** The same, referred to by name wherever it stands. */
export function named<T>(name: string, schema: Schema<T>): Schema<T> {
  return { json: { $ref: `#/$defs/${name}` }, definitions: { ...schema.definitions, [name]: schema.json } };
}

/** A whole schema file. */
export function file(title: string, description: string, { json, definitions }: Written): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    description,
    ...json,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}

/** The document of a question: any may say besides what its answer could not take into account. */
export function answer(title: string, description: string, { json, definitions }: Written): Json {
  const known = 'properties' in json && typeof json['properties'] === 'object' ? json['properties'] : {};
  const notices = { type: 'array', items: { type: 'string' }, description: noticesSay };
  return file(title, description, { json: { ...json, properties: { ...known, notices } }, definitions });
}

const noticesSay =
  'What the answer could not take into account, such as a record of runs that cannot be read.';

function leaf<T>(json: Json): Schema<T> {
  return { json, definitions: {} };
}

function described(description: string | undefined): Json {
  return description === undefined ? {} : { description };
}
