import { MigrateError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import type { RuleGround } from '../operations/lint.ts';
import type { Address, Database, Project } from '../project/project.ts';
import { allRules } from '../rules/all-rules.ts';
import { fileRules } from '../rules/file-rules.ts';
import type { RuleEngine } from '../rules/rule.ts';
import type { Severities } from '../rules/run-rules.ts';

/**
 * The engines that a database's environments have, as far as the configuration says them: no variable needs to be set.
 * Where none is said, a file, or a server of PostgreSQL's.
 */
export function groundsOf(
  { environments }: Pick<Project, 'environments'>,
  { name, dialect }: Database,
): readonly RuleGround[] {
  const all = environments.flatMap(({ name: environment, policy, targets }) =>
    targets.flatMap(({ database, address }) => {
      const engine = database === name ? engineSaid(address) : undefined;
      return engine === undefined ? [] : [{ engine, policy, environment }];
    }),
  );
  if (all.length === 0)
    return [
      { engine: dialect === 'postgres' ? 'postgres' : 'libsql-file', environments: [], named: undefined },
    ];
  return [...Map.groupBy(all, ({ engine, policy }) => `${engine} ${policy}`).values()].flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    const { engine, policy } = first;
    return [{ engine, policy, environments: alike.map((one) => one.environment), named: first.environment }];
  });
}

function engineSaid(address: Address): RuleEngine | undefined {
  return address.kind === 'unavailable' ? address.like : address.kind;
}

/**
 * What the configuration says of rules.
 *
 * @throws MigrateError `config` for a rule that there is not
 */
export function severitiesOf({ rules, configFile = '' }: Pick<Project, 'rules' | 'configFile'>): Severities {
  const ids = [...allRules, ...fileRules].map(({ id }) => id);
  const unknown = [...rules.keys()].find((id) => !ids.includes(id));
  if (unknown === undefined) return rules;
  const likely = nearest(unknown, ids);
  throw new MigrateError('config', `rules.${JSON.stringify(unknown)} in ${configFile} names no rule.`, {
    next: likely === undefined ? 'meta/rules.md lists them.' : `The nearest is ${likely}.`,
  });
}
