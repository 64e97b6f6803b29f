import type { Migration } from '../migrations/migration.ts';
import type { Policy, RuleEngine } from '../rules/rule.ts';
import { runRules, type RulesInput } from '../rules/run-rules.ts';
import type { Finding } from './reports.ts';

/** An engine on which migrations run somewhere in the project. */
export interface RuleGround {
  readonly engine: RuleEngine;
  readonly policy?: Policy | undefined;
  /** Those that have it, in the order of promotion; none where no environment says what it runs on. */
  readonly environments: readonly string[];
  /** Which of them a command in a message names. */
  readonly named: string | undefined;
}

export interface GroundedFinding {
  readonly finding: Finding;
  /** Those that it is about; absent: all that the database has. */
  readonly environments?: readonly string[];
}

export interface LintInput extends Pick<
  RulesInput,
  'database' | 'severities' | 'madeBefore' | 'wanted' | 'schema' | 'foreignKeys' | 'since'
> {
  /** In the order of running. */
  readonly migrations: readonly Pick<Migration, 'tag' | 'statements'>[];
  readonly grounds: readonly RuleGround[];
}

/**
 * What the rules say of migrations on each of the engines. What is said of a statement by one rule on more than one of
 * them is said once, in the gravest words. In the order of the statements.
 */
export function lintFindings({ grounds, ...input }: LintInput): readonly GroundedFinding[] {
  const found = grounds.map((ground) => ({
    ground,
    byPlace: Map.groupBy(runRules({ ...input, ...rulesGround(ground) }), placeOf),
  }));
  const places = new Set(found.flatMap(({ byPlace }) => [...byPlace.keys()]));
  const order = new Map(input.migrations.map(({ tag }, index) => [tag, index]));
  return [...places]
    .flatMap((place) =>
      gravest(
        found.flatMap(({ ground, byPlace }) => {
          const findings = byPlace.get(place);
          return findings ? [{ ground, findings }] : [];
        }),
        grounds,
      ),
    )
    .toSorted(
      ({ finding: a }, { finding: b }) =>
        (order.get(a.tag) ?? 0) - (order.get(b.tag) ?? 0) || a.statement - b.statement,
    );
}

function rulesGround({ engine, policy, named }: RuleGround) {
  return { engine, policy, ...(named === undefined ? {} : { environment: named }) };
}

function placeOf({ tag, statement, rule }: Finding): string {
  return `${tag}\0${statement}\0${rule}`;
}

interface FoundOn {
  readonly ground: RuleGround;
  readonly findings: readonly Finding[];
}

/** What the rule says where it says the worst; of the others as grave it is said, too, that it is about them. */
function gravest(found: readonly FoundOn[], grounds: readonly RuleGround[]): readonly GroundedFinding[] {
  const worst = Math.min(...found.map(gravityOf));
  const alike = found.filter((one) => gravityOf(one) === worst);
  const [first] = alike;
  if (first === undefined) return [];
  const environments = alike.flatMap(({ ground }) => ground.environments);
  const about = alike.length === grounds.length ? {} : { environments };
  return first.findings.map((finding) => ({ finding, ...about }));
}

function gravityOf({ findings }: FoundOn): number {
  return Math.min(...findings.map(({ severity }) => gravity[severity]));
}

const gravity = { error: 0, warning: 1, info: 2 } as const;
