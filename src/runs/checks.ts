import type { Engine } from '../engines/engine.ts';
import type { Measurement, ViolationCount } from '../operations/evidence/measurement.ts';
import { count, quantity } from '../lib/numbers.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Migration } from '../migrations/migration.ts';
import type { VerifyCheck } from '../operations/reports.ts';
import { compareSchemas } from '../schema/compare.ts';
import { fingerprint } from '../schema/fingerprint.ts';
import type { Schema } from '../schema/schema.ts';
import type { Query } from '../sql/statement.ts';
import { onlyReading } from './invariants.ts';
import { countAnswers } from './own-queries.ts';
import { lookAtPostgresIntegrity } from './postgres/integrity.ts';
import { countPostgresViolations } from './postgres/violations.ts';

type Found = Omit<VerifyCheck, 'database'>;

/** Whether the schema is the expected one; `whose` names what it was expected from. */
export function checkFingerprint(found: Schema, expected: string, whose: string): Found {
  const is = fingerprint(found);
  return is === expected
    ? { check: 'schema', state: 'proven', says: `equals ${whose}, ${short(is)}` }
    : { check: 'schema', state: 'differs', says: `is ${short(is)}; ${whose} gives ${short(expected)}` };
}

/** As `checkFingerprint`, naming the objects that differ. */
export function checkSchema(found: Schema, expected: Schema, whose: string): Found {
  const differences = compareSchemas(expected, found);
  if (differences.length === 0) return checkFingerprint(found, fingerprint(expected), whose);
  const named = differences.slice(0, 5).map(({ type, name, change }) => `${type} ${name} ${change}`);
  const more =
    differences.length > named.length ? `, and ${count(differences.length - named.length)} more` : '';
  return { check: 'schema', state: 'differs', says: `differs from ${whose}: ${named.join(', ')}${more}` };
}

/** Violations that were not there before; old ones are said, not held against the run. */
export async function checkForeignKeys(query: Query, before: readonly ViolationCount[]): Promise<Found> {
  const now = await readViolations(query);
  const old = before.reduce((sum, { count }) => sum + count, 0);
  const added = now.flatMap(({ table, parent, count }) => {
    const was = before.find((other) => other.table === table && other.parent === parent)?.count ?? 0;
    return count > was ? [`${quantity(count - was, 'row')} of ${table} refer to nothing in ${parent}`] : [];
  });
  if (added.length > 0) return { check: 'foreign-keys', state: 'differs', says: added.join(', ') };
  return {
    check: 'foreign-keys',
    state: 'proven',
    says: old === 0 ? '0 violations' : `0 new, ${count(old)} from before`,
  };
}

/** Whether what is stored can be read as it was written, as far as the database lets it be checked. */
export async function checkIntegrity(engine: Pick<Engine, 'query' | 'name'>): Promise<Found> {
  switch (engine.query.dialect) {
    case 'sqlite':
      return checkSqliteIntegrity(engine);
    case 'postgres':
      return checkPostgresIntegrity(engine.query);
    default:
      return unreachable(engine.query.dialect);
  }
}

async function checkPostgresIntegrity(query: Query): Promise<Found> {
  const { damaged, says } = await lookAtPostgresIntegrity(query);
  return damaged.length === 0
    ? { check: 'integrity', state: 'proven', says }
    : { check: 'integrity', state: 'differs', says: damaged.join(', ') };
}

/** SQLite's own check of every page and index; at Cloudflare, which allows no other, the quick one of every page. */
async function checkSqliteIntegrity({ query, name }: Pick<Engine, 'query' | 'name'>): Promise<Found> {
  const pragma = name === 'd1-remote' ? 'quick_check' : 'integrity_check';
  const rows = await query({ sql: `PRAGMA ${pragma}` });
  const says = rows.map((row) => String(Object.values(row)[0]));
  return says.length === 1 && says[0] === 'ok'
    ? { check: 'integrity', state: 'proven', says: 'ok' }
    : {
        check: 'integrity',
        state: 'differs',
        says: `${quantity(says.length, 'problem')}: ${says[0] ?? 'no answer'}`,
      };
}

/** The queries of `<tag>.verify.sql`, which must return no row. */
export async function checkVerifyFiles(
  query: Query,
  migrations: readonly Migration[],
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const { tag, verify } of migrations) {
    if (!verify) continue;
    let rows = 0;
    for (const { sql, line } of verify.statements) {
      rows += await countAnswers(query, onlyReading(sql, `${verify.file}:${line}`));
    }
    found.push(verifyFileCheck(tag, rows));
  }
  return found;
}

/** @param rows that the queries of the file returned, all together */
export function verifyFileCheck(tag: string, rows: number): Found {
  return rows === 0
    ? { check: 'verify-file', state: 'proven', says: `${tag}.verify.sql holds` }
    : {
        check: 'verify-file',
        state: 'differs',
        says: `${tag}.verify.sql returned ${quantity(rows, 'row')}; it must return none`,
      };
}

/** Rows that break a foreign key, per child table and parent. */
export async function readViolations(query: Query): Promise<Measurement['violations']> {
  switch (query.dialect) {
    case 'sqlite':
      return readSqliteViolations(query);
    case 'postgres':
      return countPostgresViolations(query);
    default:
      return unreachable(query.dialect);
  }
}

async function readSqliteViolations(query: Query): Promise<Measurement['violations']> {
  const rows = await query({
    sql: 'SELECT "table" AS child, parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2',
  });
  return rows.map(({ child, parent, count }) => ({
    table: String(child),
    parent: String(parent),
    count: Number(count),
  }));
}

/** `4be1…c2` */
function short(hash: string): string {
  return `${hash.slice(0, 4)}…${hash.slice(-2)}`;
}
