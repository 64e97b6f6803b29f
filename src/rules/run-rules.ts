import type { Migration } from '../migrations/migration.ts';
import type { Finding } from '../operations/reports.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import { sketched, sketchOf, type Sketch } from '../schema/sketch.ts';
import { classify } from '../sql/classify.ts';
import { rebuildsIn } from '../sql/rebuilds.ts';
import { allRules } from './all-rules.ts';
import { severityFor, type Rule, type RuleEngine } from './rule.ts';

export interface RulesInput {
  /** The logical database, for the findings. */
  readonly database: string;
  /** Those that would run, in order. */
  readonly migrations: readonly Pick<Migration, 'tag' | 'statements'>[];
  /** As the database is before the first of them. */
  readonly schema: Schema;
  readonly foreignKeys: readonly ForeignKey[];
  readonly engine: RuleEngine;
  /** All of them when absent. */
  readonly rules?: readonly Rule[];
}

/** Every finding of every rule, in the order of the statements; each statement meets the schema that its predecessors leave. */
export function runRules(input: RulesInput): readonly Finding[] {
  const findings: Finding[] = [];
  let sketch = sketchOf(input.schema, input.foreignKeys);
  for (const migration of input.migrations)
    sketch = judgeMigration(input, { migration, begin: sketch, findings });
  return findings;
}

function judgeMigration(
  { database, engine, rules = allRules }: RulesInput,
  {
    migration,
    begin,
    findings,
  }: { migration: RulesInput['migrations'][number]; begin: Sketch; findings: Finding[] },
): Sketch {
  const { tag, statements } = migration;
  const kinds = statements.map(({ sql }) => classify(sql));
  const rebuilds = rebuildsIn(statements);
  let now = begin;
  for (const [index, statement] of statements.entries()) {
    const number = index + 1;
    const kind = kinds[index] ?? { kind: 'unknown' };
    for (const rule of rules) {
      const severity = severityFor(rule, engine);
      if (severity === 'off') continue;
      const message = rule.check({ kind, statement, number, statements, kinds, rebuilds, begin, now });
      if (message === undefined) continue;
      findings.push({
        rule: rule.id,
        severity,
        database,
        tag,
        statement: number,
        line: statement.line,
        message,
        fix: rule.fix,
      });
    }
    now = sketched(now, statement.sql);
  }
  return now;
}
