import type { SequenceRow } from '../../../schema/postgres/catalogue-rows.ts';
import type { UnitDetail } from '../../../schema/postgres/units/unit.ts';
import type { State } from './state.ts';

/** What brings a sequence to another one; where it stands stays. */
export function sequenceChange(from: SequenceRow, to: SequenceRow): State {
  const options = [
    ...(from.type === to.type ? [] : [`AS ${to.type}`]),
    ...changedOptions(from, to).map((option) => option.replace(/^SET /, '')),
  ];
  const isTurned = from.increment.startsWith('-') !== to.increment.startsWith('-');
  if (isTurned) options.push('RESTART');
  const alter = `ALTER SEQUENCE ${from.sql}`;
  return {
    kind: 'alter',
    statements: [
      ...(options.length === 0 ? [] : [`${alter} ${options.join(' ')}`]),
      ...(from.unlogged === to.unlogged ? [] : [`${alter} SET ${to.unlogged ? 'UNLOGGED' : 'LOGGED'}`]),
    ],
    disturbs: 'nothing',
    notes: isTurned ? ['It counts the other way now, and begins anew.'] : [],
  };
}

type Identity = Extract<UnitDetail, { kind: 'identity' }>;

export function identityChange(from: Identity, to: Identity): State {
  const when = to.column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
  const clauses = [
    ...(from.column.identity === to.column.identity ? [] : [`SET GENERATED ${when}`]),
    ...changedOptions(from.sequence, to.sequence),
  ];
  const isRenamed = from.sequence.name !== to.sequence.name && clauses.length === 0;
  const next = to.sequence.sql.slice(to.sequence.sql.lastIndexOf('.') + 1);
  return {
    kind: 'alter',
    statements: isRenamed
      ? [`ALTER SEQUENCE ${from.sequence.sql} RENAME TO ${next}`]
      : clauses.length === 0
        ? []
        : [`${to.alter} ${clauses.join(' ')}`],
    disturbs: 'nothing',
    notes: [],
  };
}

/** As an identity column takes them. */
function changedOptions(from: SequenceRow, to: SequenceRow): readonly string[] {
  return [
    ...(from.increment === to.increment ? [] : [`SET INCREMENT BY ${to.increment}`]),
    ...(from.least === to.least ? [] : [`SET MINVALUE ${to.least}`]),
    ...(from.most === to.most ? [] : [`SET MAXVALUE ${to.most}`]),
    ...(from.start === to.start ? [] : [`SET START WITH ${to.start}`]),
    ...(from.cache === to.cache ? [] : [`SET CACHE ${to.cache}`]),
    ...(from.cycle === to.cycle ? [] : [`SET ${to.cycle ? '' : 'NO '}CYCLE`]),
  ];
}
