import { plainEnvironment } from '../defaults.ts';
import { variableLayers } from '../dotenv.ts';
import type { ParsedConfig, ParsedEnvironment } from '../config/parse.ts';
import type { Database, Environment, Invariant, Target } from '../project.ts';
import { resolveTarget } from '../addresses/resolve-target.ts';
import { bad, inside, unknownName, type Place } from '../config/shape.ts';
import type { Surroundings } from './surroundings.ts';

/** The environments in the order of promotion: those of the configuration, else those that were found. Throws `config`. */
export function configuredEnvironments(
  { environments }: ParsedConfig,
  databases: readonly Database[],
  around: Surroundings,
): readonly Environment[] {
  if (environments === undefined) return foundEnvironments(databases, around);
  return environmentsOf(environments, databases, { file: around.file, key: 'environments' }, around);
}

function foundEnvironments(
  databases: readonly Database[],
  { found, readings, file }: Surroundings,
): readonly Environment[] {
  const failed = readings.find((reading) => reading.kind === 'failed');
  if (found.environments.length === 0 && failed !== undefined) throw failed.error;
  const renamed = (target: Target): readonly Target[] =>
    meantBy(target, databases, found.databases).map(({ name }) => ({ ...target, database: name }));
  for (const database of databases) refuseAmbiguous(database, found.databases, file);
  return found.environments.map((environment) => ({
    ...environment,
    targets: environment.targets.flatMap(renamed),
  }));
}

/** The configured databases that a found target is of: those over its folder, or by name where found ones share one. */
function meantBy(
  { database }: Target,
  databases: readonly Database[],
  found: readonly Database[],
): readonly Database[] {
  const directory = found.find(({ name }) => name === database)?.directory;
  const shared = found.filter((one) => one.directory === directory).length > 1;
  return databases.filter((one) => one.directory === directory && (!shared || one.name === database));
}

function refuseAmbiguous({ name, directory }: Database, found: readonly Database[], file: string): void {
  const sharers = found.filter((one) => one.directory === directory).map((one) => one.name);
  if (sharers.length < 2 || sharers.includes(name)) return;
  throw bad(
    { file, key: `databases.${name}` },
    `may be ${sharers.join(' or ')}: their migrations are in one folder`,
    `Call it by one of these names in ${file}, or add environments that name its targets.`,
  );
}

function environmentsOf(
  given: ReadonlyMap<string, ParsedEnvironment>,
  databases: readonly Database[],
  at: Place,
  around: Surroundings,
): readonly Environment[] {
  const earlier: string[] = [];
  return Array.from(given, ([name, parsed]) => {
    const place = inside(at, name);
    if (parsed.after !== undefined && !earlier.includes(parsed.after)) {
      throw bad(
        inside(place, 'after'),
        `is '${parsed.after}', which is no environment before it`,
        `Environments stand in the order of promotion: name one that stands above ${name} in ${at.file}.`,
      );
    }
    if (parsed.soak !== undefined && parsed.soak > 0 && parsed.after === undefined) {
      throw bad(
        inside(place, 'soak'),
        'says how long to wait, but not after which environment',
        `Add after to ${place.key} in ${at.file}.`,
      );
    }
    earlier.push(name);
    return environmentOf(name, parsed, databases, place, around);
  });
}

function environmentOf(
  name: string,
  parsed: ParsedEnvironment,
  databases: readonly Database[],
  at: Place,
  around: Surroundings,
): Environment {
  const plain = plainEnvironment(name);
  const names = databases.map((database) => database.name);
  const targets = targetsOf(name, parsed, databases, at, around);
  return {
    ...plain,
    protected: parsed.protected ?? plain.protected,
    readOnly: parsed.readOnly ?? plain.readOnly,
    from: parsed.from ?? plain.from,
    policy: parsed.policy,
    after: parsed.after,
    soak: parsed.soak ?? plain.soak,
    rehearse: rehearseOf(parsed, inside(at, 'rehearse')) ?? plain.rehearse,
    backup: parsed.backup ?? plain.backup,
    timeouts: { ...plain.timeouts, ...parsed.timeouts },
    invariants: invariantsOf(parsed, names, inside(at, 'invariants')),
    targets,
  };
}

function targetsOf(
  environment: string,
  { targets: given = new Map() }: ParsedEnvironment,
  databases: readonly Database[],
  at: Place,
  { root, env, wranglers }: Surroundings,
): readonly Target[] {
  const names = databases.map(({ name }) => name);
  const place = inside(at, 'targets');
  if (given.size === 0) {
    const example = `targets: { ${names[0] ?? 'app'}: 'file:local.db' }`;
    throw bad(place, 'names no target', `Add ${example} to ${at.key} in ${at.file}.`);
  }
  for (const database of given.keys()) {
    if (!names.includes(database)) throw unknownName(place, 'database', database, names);
  }
  const layers = variableLayers(root, environment, env);
  return databases.flatMap(({ name: database, directory }) => {
    const target = given.get(database);
    if (target === undefined) return [];
    const wrangler =
      target.kind === 'd1' || target.kind === 'd1-local' ? wranglers.near(directory) : undefined;
    const address = resolveTarget(target, inside(place, database), { root, layers, environment, wrangler });
    return [{ environment, database, address }];
  });
}

/** Where some of the targets are at Cloudflare, the others are rehearsed in full. */
function rehearseOf(
  { rehearse, targets }: ParsedEnvironment,
  at: Place,
): Environment['rehearse'] | undefined {
  const atCloudflare = [...(targets?.values() ?? [])].some(({ kind }) => kind === 'd1');
  if (rehearse !== 'in-target' || atCloudflare) return rehearse;
  throw bad(
    at,
    "is 'in-target', but none of its targets is a database at Cloudflare D1",
    `Only those can be rehearsed inside themselves; remove ${at.key} in ${at.file}, and a copy is rehearsed on.`,
  );
}

function invariantsOf(
  { invariants }: ParsedEnvironment,
  databases: readonly string[],
  at: Place,
): readonly Invariant[] {
  return Array.from(invariants ?? [], ([name, { sql, database, within }]) => {
    if (database !== undefined && !databases.includes(database))
      throw unknownName(inside(at, name), 'database', database, databases);
    return { name, sql, database, within };
  });
}
