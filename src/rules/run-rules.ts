import type { Migration } from '../migrations/migration.ts';
import type { Finding } from '../operations/reports.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import { longAfter, sketched, sketchOf, type Sketch } from '../schema/sketch.ts';
import { classify, partsOf } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import { rebuildsIn, type Rebuild } from '../sql/rebuilds.ts';
import { allRules } from './all-rules.ts';
import {
  severityFor,
  type Policy,
  type Remark,
  type Rule,
  type RuleEngine,
  type RuleInput,
  type Severity,
} from './rule.ts';

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
  /** `back`: the statements are those of rollback files. */
  readonly goes?: 'back';
  /** Of the environment. */
  readonly policy?: Policy | undefined;
  /** By a rule's id, what the project's configuration says of it instead of the rule itself. */
  readonly severities?: Severities;
  /** What a table that a migration makes is to the ones after it: its plan's own unless said, else one that may hold rows. */
  readonly madeBefore?: 'in-this-plan' | 'long-ago';
  /** Whose findings are wanted; those of the others are not looked for. All of them when absent. */
  readonly wanted?: (tag: string) => boolean;
}

export type Severities = ReadonlyMap<string, Severity | 'off'>;

/** Every finding of every rule, in the order of the statements; each statement meets the schema that its predecessors leave. */
export function runRules(input: RulesInput): readonly Finding[] {
  if (input.migrations.length === 0) return [];
  const findings: Finding[] = [];
  const { schema, foreignKeys, since = [] } = input;
  const judging: Judging = { ...input, rules: rulesFor(input), rows: byFoldedName(input.rows), findings };
  let sketch = since.reduce((so, { sql }) => sketched(so, sql, 'before'), sketchOf(schema, foreignKeys));
  for (const migration of input.migrations) {
    const after = isWanted(input, migration)
      ? judgeMigration(judging, migration, sketch)
      : migration.statements.reduce((so, { sql }) => sketched(so, sql), sketch);
    sketch = input.madeBefore === 'long-ago' ? longAfter(after) : after;
  }
  return findings;
}

function isWanted({ wanted }: RulesInput, { tag }: RulesInput['migrations'][number]): boolean {
  return wanted === undefined || wanted(tag);
}

interface Judging extends Pick<RulesInput, 'database' | 'engine' | 'environment' | 'goes'> {
  readonly rules: readonly GradedRule[];
  readonly rows: ReadonlyMap<string, number>;
  /** What was found so far. */
  readonly findings: Finding[];
}

interface GradedRule {
  readonly rule: Rule;
  readonly severity: Severity;
  /** It is always that grave: the configuration says so. */
  readonly set: Severity | undefined;
}

/** Those that have something to say about the engine, and are asked for. */
function rulesFor({ engine, severities, policy, rules = allRules }: RulesInput): readonly GradedRule[] {
  return rules.flatMap((rule) => {
    if (rule.policy !== undefined && rule.policy !== policy) return [];
    const [severity, set] = [severityFor(rule, engine), severities?.get(rule.id)];
    return severity === 'off' || set === 'off' ? [] : [{ rule, severity, set }];
  });
}

function byFoldedName(rows: RulesInput['rows']): ReadonlyMap<string, number> {
  return new Map([...(rows ?? [])].map(([table, count]) => [foldName(table), count]));
}

function judgeMigration(
  judging: Judging,
  { tag, statements }: RulesInput['migrations'][number],
  begin: Sketch,
): Sketch {
  const { engine, environment, rows } = judging;
  const kinds = statements.map(({ sql }) => classify(sql));
  const rebuilds = rebuildsIn(statements);
  let now = begin;
  for (const [index, statement] of statements.entries()) {
    const parts = partsOf(kinds[index] ?? { kind: 'unknown' });
    const met = { engine, environment, tag, statement, number: index + 1, statements, kinds, rebuilds };
    judgeStatement(
      judging,
      parts.map((kind) => ({ ...met, begin, now, rows, kind })),
    );
    now = sketched(now, statement.sql);
  }
  return withRebuiltFilled(now, begin, rebuilds);
}

/** @param changes the statement once for each change in it */
function judgeStatement({ database, rules, findings, goes }: Judging, changes: readonly RuleInput[]): void {
  for (const { rule, severity, set } of rules) {
    const said = new Set<string>();
    for (const change of changes) {
      const found = rule.check(change);
      if (found === undefined) continue;
      const remark: Remark = typeof found === 'string' ? { message: found } : found;
      if (said.has(remark.message)) continue;
      said.add(remark.message);
      findings.push({
        rule: rule.id,
        severity: set ?? remark.severity ?? severity,
        database,
        tag: change.tag,
        statement: change.statement.number ?? change.number,
        line: change.statement.line,
        message: remark.message,
        fix: (goes === 'back' ? rule.fixOfRollback : undefined) ?? remark.fix ?? rule.fix,
      });
    }
  }
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
