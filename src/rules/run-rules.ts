import type { Migration } from '../migrations/migration.ts';
import type { Finding } from '../operations/reports.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import { sketched, sketchOf, type Sketch } from '../schema/sketch.ts';
import { classify, partsOf } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import { rebuildsIn, type Rebuild } from '../sql/rebuilds.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import { allRules } from './all-rules.ts';
import { severityFor, type Remark, type Rule, type RuleEngine, type RuleInput } from './rule.ts';

export interface RulesInput {
  /** The logical database, for the findings. */
  readonly database: string;
  /** Those that would run, in order. */
  readonly migrations: readonly Pick<Migration, 'tag' | 'statements'>[];
  /** As the database is before the first of them. */
  readonly schema: Schema;
  /** What ran on it since it was read. */
  readonly since?: readonly { readonly sql: string }[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly engine: RuleEngine;
  /** The environment's name, where the findings are about one. */
  readonly environment?: string;
  /** Rows by table, for those that were counted. */
  readonly rows?: ReadonlyMap<string, number>;
  /** All of them when absent. */
  readonly rules?: readonly Rule[];
}

/** Every finding of every rule, in the order of the statements; each statement meets the schema that its predecessors leave. */
export function runRules(input: RulesInput): readonly Finding[] {
  if (input.migrations.length === 0) return [];
  const findings: Finding[] = [];
  const { schema, foreignKeys, since = [] } = input;
  let sketch = since.reduce((so, { sql }) => sketched(so, sql, 'before'), sketchOf(schema, foreignKeys));
  for (const migration of input.migrations)
    sketch = judgeMigration(input, { migration, begin: sketch, findings });
  return findings;
}

function judgeMigration(
  { database, engine, environment, rows = new Map<string, number>(), rules = allRules }: RulesInput,
  {
    migration,
    begin,
    findings,
  }: { migration: RulesInput['migrations'][number]; begin: Sketch; findings: Finding[] },
): Sketch {
  const { tag, statements } = migration;
  const kinds = statements.map(({ sql }) => classify(sql));
  const rebuilds = rebuildsIn(statements);
  const counted = new Map([...rows].map(([table, count]) => [foldName(table), count]));
  let now = begin;
  for (const [index, statement] of statements.entries()) {
    const number = index + 1;
    const kind = kinds[index] ?? { kind: 'unknown' };
    const input = {
      engine,
      environment,
      tag,
      statement,
      number,
      statements,
      kinds,
      rebuilds,
      begin,
      now,
      rows: counted,
    };
    for (const rule of rules) {
      const severity = severityFor(rule, engine);
      if (severity === 'off') continue;
      for (const remark of remarks(rule, input, kind)) {
        findings.push({
          rule: rule.id,
          severity: remark.severity ?? severity,
          database,
          tag,
          statement: statement.number ?? number,
          line: statement.line,
          message: remark.message,
          fix: remark.fix ?? rule.fix,
        });
      }
    }
    now = sketched(now, statement.sql);
  }
  return withRebuiltFilled(now, begin, rebuilds);
}

/** What a rule says about a statement, or about each change in it, once. */
function remarks(rule: Rule, input: Omit<RuleInput, 'kind'>, kind: StatementKind): readonly Remark[] {
  const said = partsOf(kind).flatMap((part) => rule.check({ ...input, kind: part }) ?? []);
  const all = said.map((one): Remark => (typeof one === 'string' ? { message: one } : one));
  return all.filter(({ message }, at) => all.findIndex((other) => other.message === message) === at);
}

/** To the next migration a rebuilt table is what it was to this one: it may hold rows. */
function withRebuiltFilled(now: Sketch, begin: Sketch, rebuilds: readonly Rebuild[]): Sketch {
  if (rebuilds.length === 0) return now;
  const tables = new Map(now.tables);
  for (const { table } of rebuilds) {
    const key = foldName(table);
    const [made, before] = [tables.get(key), begin.tables.get(key)];
    if (made && before) tables.set(key, { ...made, since: before.since });
  }
  return { ...now, tables };
}
