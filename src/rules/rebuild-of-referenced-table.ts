import { referencedTables } from '../schema/foreign-keys.ts';
import { foldName } from '../sql/cursor.ts';
import { isOff } from './foreign-key-pragmas.ts';
import { reachOfDrop } from './reach-of-drop.ts';
import { isD1, type Remark, type Rule, type RuleInput } from './rule.ts';

export const rebuildOfReferencedTable: Rule = {
  id: 'rebuild-of-referenced-table',
  title: 'A table is rebuilt that a foreign key points to.',
  why: 'Dropping the old table deletes its rows first. With foreign keys on, ON DELETE CASCADE then empties the tables that point to it, and SET NULL clears their columns, without an error.',
  fix: 'Keep foreign keys off while it runs and check them before the commit: this tool does both, others may not. On D1, where they are always on, see rebuild-cascades.',
  fixOfRollback:
    'Keep foreign keys off while it runs and check them before the commit, as this tool does. On D1, where they are always on, copy the rows that refer to it aside before the DROP and put them back after it.',
  severity: { file: 'warning', remote: 'warning', d1Local: 'error', d1Remote: 'error', postgres: 'off' },
  check: (at) => {
    if (isD1(at.engine)) return onD1(at);
    const { rebuilds, number, now } = at;
    const rebuild = rebuilds.find(({ drop }) => drop === number);
    if (!rebuild || !referencedTables(now.foreignKeys).has(foldName(rebuild.table))) return undefined;
    return `${rebuild.table} is rebuilt while other rows point to it; foreign keys are off meanwhile and checked before the commit.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a)'],
      sql: [
        'CREATE TABLE n (a)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
  rejects: [
    {
      given: [
        'CREATE TABLE t (a INTEGER PRIMARY KEY)',
        'CREATE TABLE c (t REFERENCES t(a) ON DELETE CASCADE)',
      ],
      sql: [
        'CREATE TABLE n (a INTEGER PRIMARY KEY)',
        'INSERT INTO n SELECT a FROM t',
        'DROP TABLE t',
        'ALTER TABLE n RENAME TO t',
      ],
    },
  ],
};

/** Where rows would be lost rebuild-cascades says so; here the rebuild only fails. */
function onD1(at: RuleInput): Remark | undefined {
  const reach = reachOfDrop(at);
  if (!reach?.rebuild || reach.reached.some(({ fate }) => fate !== 'in-the-way')) return undefined;
  const children = new Set(reach.reached.map(({ table, onDelete }) => `${table} (ON DELETE ${onDelete})`));
  return {
    message: forgetsViolations(at)
      ? `The rebuild of ${reach.table} passes with rows referring to it in ${[...children].join(', ')} only because PRAGMA defer_foreign_keys = OFF forgets every violation, real ones too.`
      : `The rebuild of ${reach.table} fails while rows refer to it in ${[...children].join(', ')}: D1 keeps foreign keys on.`,
    fix: `migrate-tui migration ${at.tag} --keep-children ${at.environment ?? 'ENV'} prints this migration with the rows copied aside and put back, --write puts that in the file's place.`,
    ...(reach.reached.every(({ rows }) => rows === 0) ? { severity: 'warning' } : {}),
  };
}

function forgetsViolations({ kinds, number }: RuleInput): boolean {
  return kinds
    .slice(number)
    .some((kind) => kind.kind === 'pragma' && kind.name === 'defer_foreign_keys' && isOff(kind.value));
}
