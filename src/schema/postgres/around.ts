import { quoteText } from '../../sql/quote.ts';
import type { MakingStep, SchemaObject } from '../schema.ts';
import type { CollationRow, CommentRow, StatisticsRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { shownName } from './names.ts';
import { afterRows, beforeRows, type Reading } from './reading.ts';
import { wholeUnit } from './units/object-units.ts';
import { part } from './units/part.ts';
import type { Unit, UnitDetail } from './units/unit.ts';

/** Schemas; `public` is in every new database, so that only its absence is told. */
export function schemaObjects(reading: Reading): readonly SchemaObject[] {
  const made = reading.rows.schemas.filter(({ name, isMember }) => name !== 'public' && !isMember);
  const isWithoutPublic = !reading.rows.schemas.some(({ name }) => name === 'public');
  return [
    ...made.map(({ oid, name, sql, holdsOurs = false }) =>
      withUnit(plain('schema', name, `CREATE SCHEMA ${sql}`, [idOf.schema(oid)]), `DROP SCHEMA ${sql}`, {
        kind: 'schema',
        name,
        holdsOurs,
      }),
    ),
    ...(isWithoutPublic
      ? [withUnit(plain('schema', 'public', 'DROP SCHEMA public', []), 'CREATE SCHEMA public')]
      : []),
  ];
}

/** Without versions: they are the server's, and differ where two servers do. */
export function extensionObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.extensions.map(({ oid, name, sql, schema, schemaSql, schemaOid, isOwnSchema }) => {
    const where = isOwnSchema || schema === 'pg_catalog' ? '' : ` WITH SCHEMA ${schemaSql}`;
    const object = plain(
      'extension',
      name,
      `CREATE EXTENSION ${sql}${where}`,
      [idOf.extension(oid)],
      [idOf.schema(schemaOid)],
    );
    return withUnit(object, `DROP EXTENSION ${sql}`, { kind: 'extension', sql, schemaSql });
  });
}

export function collationObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.collations.map((row) =>
    withUnit(
      plain(
        'collation',
        shownName(row),
        collation(row),
        [idOf.collation(row.oid)],
        [reading.schemaId(row.schema)],
      ),
      `DROP COLLATION ${row.sql}`,
    ),
  );
}

/** An object that is one unit. */
function withUnit(object: SchemaObject, drop: string, detail: UnitDetail = { kind: 'plain' }): SchemaObject {
  const [step] = object.making ?? [];
  const { type } = object;
  const kind = type === 'schema' || type === 'extension' || type === 'collation' ? type : 'comment';
  const unit: Unit = {
    ...part('', `${type} ${object.name}`, object.normal),
    kind,
    ids: step?.ids ?? [],
    needs: step?.needs ?? [],
    partOf: [],
    make: [object.normal],
    drop: [drop],
    detail,
  };
  return { ...object, units: [unit] };
}

function collation({ sql, row }: CollationRow): string {
  const text = (name: string, value: unknown) =>
    typeof value === 'string' ? [`${name} = ${quoteText(value)}`] : [];
  const provider = { i: 'icu', c: 'libc', b: 'builtin' }[String(row['collprovider'])];
  const locale =
    row['colllocale'] ?? row['colliculocale'] ?? (provider === 'icu' ? row['collcollate'] : undefined);
  const options = [
    ...(provider === undefined ? [] : [`provider = ${provider}`]),
    ...(provider === 'libc'
      ? [...text('lc_collate', row['collcollate']), ...text('lc_ctype', row['collctype'])]
      : text('locale', locale)),
    ...(row['collisdeterministic'] === false ? ['deterministic = false'] : []),
    ...text('rules', row['collicurules']),
  ];
  return `CREATE COLLATION ${sql} (${options.join(', ')})`;
}

export function statisticsObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.statistics.map((row) => {
    const said = [row.definition, ...target(row)];
    const own = idOf.statistics(row.oid);
    const [create = '', ...others] = said;
    const making = [
      afterRows(
        [own],
        [idOf.relation(row.table), reading.schemaId(row.schema), ...reading.needsOf(own)],
        create,
      ),
      ...others.map((sql) => afterRows([], [own], sql)),
    ];
    const table = shownName(reading.relation(row.table));
    const text = said.join(';\n');
    const whole = {
      kind: 'statistics',
      sql: row.sql,
      called: `STATISTICS ${row.sql}`,
      ids: [own],
      partOf: [idOf.relation(row.table)],
    } as const;
    const units = [wholeUnit({ normal: text, making }, whole, reading)];
    return { type: 'statistics', name: shownName(row), table, normal: text, display: text, making, units };
  });
}

function target({ sql, target }: StatisticsRow): readonly string[] {
  return target === null ? [] : [`ALTER STATISTICS ${sql} SET STATISTICS ${target}`];
}

/** Comments on what is told, each an object of its own: `column users.name`. */
export function commentObjects(reading: Reading, known: ReadonlySet<string>): readonly SchemaObject[] {
  return reading.rows.comments.flatMap((row): readonly SchemaObject[] => {
    const isOfPublic = row.type === 'schema' && row.identity === 'public';
    const id = `${row.catalogue}:${row.oid}`;
    const place = commented(row);
    if (!place || (isOfPublic ? row.text === 'standard public schema' : !known.has(id))) return [];
    const bare = row.identity.replace(/(^| on )public\./, '$1');
    const said = (words: string) => `COMMENT ON ${words} IS ${quoteText(row.text)}`;
    const display = said(commented({ ...row, identity: bare })?.words ?? place.words);
    const object = plain('comment', `${place.kind} ${bare}`, said(place.words), [], [id], 'after');
    const on = row.column > 0 ? [idOf.column(row.oid, row.column), id] : [id];
    const unit: Unit = {
      ...part('', `comment on ${place.words}`, object.normal),
      kind: 'comment',
      needs: on,
      partOf: on,
      make: [object.normal],
      drop: [`COMMENT ON ${place.words} IS ${isOfPublic ? "'standard public schema'" : 'NULL'}`],
      overwrites: true,
    };
    return [{ ...object, display, units: [unit] }];
  });
}

/** What COMMENT ON takes for what pg_identify_object says. */
function commented({
  type,
  identity,
}: Pick<CommentRow, 'type' | 'identity'>): { readonly kind: string; readonly words: string } | undefined {
  if (type.endsWith(' column')) return { kind: 'column', words: `COLUMN ${identity}` };
  if (type === 'table constraint') return { kind: 'constraint', words: `CONSTRAINT ${identity}` };
  if (type === 'domain constraint')
    return { kind: 'constraint', words: `CONSTRAINT ${identity.replace(' on ', ' ON DOMAIN ')}` };
  const kind = kinds[type];
  return kind === undefined ? undefined : { kind, words: `${kind.toUpperCase()} ${identity}` };
}

const kinds: Readonly<Record<string, string>> = {
  table: 'table',
  index: 'index',
  view: 'view',
  'materialized view': 'materialized view',
  sequence: 'sequence',
  schema: 'schema',
  type: 'type',
  'composite type': 'type',
  domain: 'domain',
  function: 'function',
  procedure: 'procedure',
  aggregate: 'aggregate',
  trigger: 'trigger',
  rule: 'rule',
  policy: 'policy',
  collation: 'collation',
  'statistics object': 'statistics',
};

function plain(
  type: SchemaObject['type'],
  name: string,
  sql: string,
  ids: readonly string[],
  needs: readonly string[] = [],
  when: 'before' | 'after' = 'before',
): SchemaObject {
  const step: MakingStep = when === 'after' ? afterRows(ids, needs, sql) : beforeRows(ids, needs, sql);
  return { type, name, table: name, normal: sql, display: sql, making: [step] };
}
