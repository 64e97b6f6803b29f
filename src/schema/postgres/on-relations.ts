import type { SchemaObject } from '../schema.ts';
import type { PolicyRow, TriggerRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import { shownName } from './names.ts';
import { afterRows, type Reading } from './reading.ts';
import { settled } from './settled.ts';
import { onRelation as goesWith, wholeUnit } from './units/object-units.ts';
import { attachmentOf, part } from './units/part.ts';

/** What stands on tables and views and is named within them: triggers, rules, policies. */
export function objectsOnRelations(reading: Reading): readonly SchemaObject[] {
  const { triggers, rules, policies } = reading.rows;
  return [
    ...triggers.map((row) =>
      row.parent === null
        ? onRelation('trigger', row, reading, switched('TRIGGER', row, reading))
        : ofPartition({ ...row, parent: row.parent }, reading),
    ),
    ...rules.map((row) => onRelation('rule', row, reading, switched('RULE', row, reading))),
    ...policies.map((row) => onRelation('policy', row, reading, [policy(row, reading)])),
  ];
}

function onRelation(
  type: 'trigger' | 'rule' | 'policy',
  row: { readonly oid: string; readonly name: string; readonly sql: string; readonly table: string },
  reading: Reading,
  said: readonly string[],
): SchemaObject {
  const table = shownName(reading.relation(row.table));
  const own = idOf[type](row.oid);
  const needs = [idOf.relation(row.table), ...reading.needsOf(own)];
  const [create = '', ...others] = said;
  const object = {
    normal: said.map(settled).join('; '),
    making: [afterRows([own], needs, create), ...others.map((sql) => afterRows([stateOf(own)], [own], sql))],
  };
  const { sql } = reading.relation(row.table);
  const called = `${row.sql} ON ${sql}`;
  const whole = {
    kind: type,
    sql: called,
    called: `${type.toUpperCase()} ${called}`,
    ids: [own],
    partOf: goesWith(row.table),
  };
  return {
    type,
    name: `${row.name} on ${table}`,
    table,
    ...object,
    display: said.join(';\n'),
    units: [wholeUnit(object, whole, reading)],
  };
}

const stateOf = (trigger: string) => `${trigger}:state`;

/** Only how it is switched: the partition has it from its parent, whose switch would overrule it. */
function ofPartition(row: TriggerRow & { readonly parent: string }, reading: Reading): SchemaObject {
  const { sql: ruled } = reading.relation(row.table);
  const table = shownName(reading.relation(row.table));
  const sql = `ALTER TABLE ${ruled} ${states[row.enabled] ?? 'ENABLE'} TRIGGER ${row.sql}`;
  const parent = idOf.trigger(row.parent);
  const roots = reading.rows.triggers.filter(
    ({ name, parent: above }) => name === row.name && above === null,
  );
  const attachment = attachmentOf({ oid: row.table });
  const needs = [parent, ...roots.map(({ oid }) => idOf.trigger(oid))];
  return {
    type: 'trigger',
    name: `${row.name} on ${table}`,
    table,
    normal: sql,
    display: sql,
    making: [
      afterRows(
        [stateOf(idOf.trigger(row.oid))],
        [idOf.relation(row.table), ...needs, ...needs.map(stateOf)],
        sql,
      ),
    ],
    units: [
      {
        ...part(parent, `state of trigger ${row.sql} on ${ruled}`, sql),
        needs: [idOf.relation(row.table), attachment, ...needs, ...needs.map(stateOf)],
        partOf: [idOf.relation(row.table), attachment, parent, ...needs],
        make: [sql],
        drop: [`ALTER TABLE ${ruled} ENABLE TRIGGER ${row.sql}`],
        overwrites: true,
      },
    ],
  };
}

/** Its definition, and that it is switched off or on in a special way. */
function switched(
  kind: 'TRIGGER' | 'RULE',
  row: Omit<TriggerRow, 'parent'>,
  reading: Reading,
): readonly string[] {
  const table = reading.relation(row.table).sql;
  const state = states[row.enabled];
  const definition = row.definition
    .replace(/;$/, '')
    .replace(kind === 'TRIGGER' ? beforeTable : beforeRuled, (_, start: string) => `${start}${table}`);
  return [definition, ...(state === undefined ? [] : [`ALTER TABLE ${table} ${state} ${kind} ${row.sql}`])];
}

// Definitions name their table with its schema; elsewhere it is called as the search path has it.
const name = String.raw`(?:"(?:[^"]|"")*"|[^\s".]+)`;
const words = String.raw`(?:"(?:[^"]|"")*"|[^"])*?`;
const beforeTable = new RegExp(
  String.raw`^(CREATE (?:CONSTRAINT )?TRIGGER ${name} ${words} ON )${name}\.${name}`,
);
const beforeRuled = new RegExp(String.raw`^(CREATE RULE ${name} AS\s+ON \w+ TO )${name}\.${name}`);

const states: Readonly<Record<string, string>> = { D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' };

function policy(row: PolicyRow, reading: Reading): string {
  const clauses = [
    ...(row.permissive ? [] : ['AS RESTRICTIVE']),
    ...(row.command === '*' ? [] : [`FOR ${commands[row.command] ?? ''}`]),
    `TO ${row.roles.toSorted().join(', ')}`,
    ...(row.using === null ? [] : [`USING (${row.using})`]),
    ...(row.check === null ? [] : [`WITH CHECK (${row.check})`]),
  ];
  return `CREATE POLICY ${row.sql} ON ${reading.relation(row.table).sql}\n  ${clauses.join('\n  ')}`;
}

const commands: Readonly<Record<string, string>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' };
