import type { SchemaObject } from '../schema.ts';
import type { ViewRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { shownName } from './names.ts';
import { afterRows, beforeRows, type Reading } from './reading.ts';
import { settled } from './settled.ts';
import { optionText } from './table-settings.ts';
import { relationNames, wholeUnit } from './units/object-units.ts';
import { unprefixed } from './unprefixed.ts';

/** Views, and materialized ones, which are filled when they are made. */
export function viewObjects(reading: Reading): readonly SchemaObject[] {
  return reading.rows.views.map((row) => {
    const name = shownName(row);
    const defaults = (row.defaults ?? []).map(
      ([column, value]) => `ALTER VIEW ${row.sql} ALTER COLUMN ${column} SET DEFAULT ${value}`,
    );
    const said = [creation(row), ...defaults];
    const own = idOf.relation(row.oid);
    const ids = [own, idOf.type(row.rowType), idOf.type(row.arrayType), idOf.rule(row.rule)];
    const needs = [reading.schemaId(row.schema), ...reading.needsOf(...ids)];
    const empty = row.holdsRows && !row.populated ? '\nWITH NO DATA' : '';
    const phase = reading.standsOnRows(own) ? afterRows : beforeRows;
    const kind = row.holdsRows ? 'materialized-view' : 'view';
    // Whether rows are there already is no part of what it means.
    const normal = [normalView(row, reading), ...defaults.map(settled)].join('; ');
    const making = [
      phase(ids, needs, `${creation(row)}${empty}`),
      ...defaults.map((sql) => phase([], [own], sql)),
    ];
    const whole = {
      kind,
      sql: row.sql,
      called: `${kind.replace('-', ' ').toUpperCase()} ${row.sql}`,
      ids,
      names: relationNames(row.sql),
      detail: {
        kind: 'view',
        columns: row.columns ?? [],
        defaults: (row.defaults ?? []).map(([column]) => column),
      },
    } as const;
    const units = [wholeUnit({ normal, making }, whole, reading)];
    return { type: kind, name, table: name, normal, display: said.join(';\n'), making, units };
  });
}

function normalView(row: ViewRow, { rows }: Reading): string {
  const query = settled(queryOf(row));
  const isOld = (rows.version[0]?.number ?? 0) < 160_000;
  return `${heading(row)} AS ${isOld ? unprefixed(query) : query}`;
}

function creation(row: ViewRow): string {
  return `${heading(row)} AS\n${queryOf(row)}`;
}

function queryOf({ definition }: ViewRow): string {
  return definition.replace(/;$/, '');
}

function heading(row: ViewRow): string {
  const options = (row.options ?? []).toSorted().map(optionText);
  const kind = row.holdsRows ? 'MATERIALIZED VIEW' : 'VIEW';
  const behind = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
  return `CREATE ${kind} ${row.sql}${behind}`;
}
