import { basename } from 'node:path';
import { d1Remote, type D1Lent } from './cloudflare.ts';
import { namedByEnvironment } from './d1-database-names.ts';
import { firstOf, ownLayers, variableLayers, type Variables } from './dotenv.ts';
import { localId, miniflarePath, stateFolder } from './miniflare-path.ts';
import type { Address, Database, Target } from './project.ts';
import type { DrizzleReading } from './read-drizzle.ts';
import { localBlock, provisionedName, realId } from './wrangler-blocks.ts';
import type { WranglerBlock, WranglerConfig, WranglerD1 } from './wrangler-config.ts';
import { blocksOf, boundDatabases, type BoundDatabase } from './wrangler-databases.ts';

/** What a wrangler configuration amounts to, without a configuration of ours. */
export interface WranglerParts {
  readonly file: string;
  readonly databases: readonly Database[];
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
  /** The Drizzle configurations that are about its databases: they lend credentials and nothing else. */
  readonly lenders: readonly DrizzleReading[];
}

interface Around {
  /** Absolute path of the project's folder. */
  readonly root: string;
  readonly env: Variables;
  readonly readings: readonly DrizzleReading[];
}

/** Databases and targets of a wrangler configuration: `local`, one environment for each block, `remote` for the top level. */
export function wranglerParts(config: WranglerConfig, around: Around): WranglerParts {
  const { databases, notes } = boundDatabases(config, around.readings);
  const folders = new Set(databases.map(({ database }) => database.directory));
  const lenders = around.readings.filter(
    (reading) => reading.kind === 'read' && folders.has(reading.config.directory),
  );
  const look: Look = { ...around, config, databases, lenders };
  const local = localTargets(look);
  const remote = blocksOf(config).flatMap(([name, block]) => blockTargets(name, block, look));
  const taken = new Set([...local.targets, ...remote.flatMap(({ targets }) => targets)].map(keyOf));
  const lent = lentTargets(look).filter((target) => !taken.has(keyOf(target)));
  return {
    file: config.file,
    databases: databases.map(({ database }) => database),
    targets: [...local.targets, ...remote.flatMap(({ targets }) => targets), ...lent],
    notes: [...notes, ...local.notes, ...remote.flatMap((one) => one.notes), ...leftOut(lenders)],
    lenders,
  };
}

interface Look extends Around {
  readonly config: WranglerConfig;
  readonly databases: readonly BoundDatabase[];
  readonly lenders: readonly DrizzleReading[];
}

interface Found {
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
}

function keyOf({ environment, database }: Target): string {
  return `${environment}\n${database}`;
}

function localTargets({ config, databases, root }: Look): Found {
  const local = localBlock(config);
  if (local === undefined) return { targets: [], notes: [] };
  const here = databases.flatMap(({ database, bindings }) => {
    const d1 = bindings.get(local.name);
    return d1 === undefined ? [] : [{ database, d1 }];
  });
  const targets = here.map(({ database, d1 }): Target => {
    const id = localId(d1);
    const path = miniflarePath(stateFolder(config.folder), id);
    return { environment: 'local', database: database.name, address: { kind: 'd1-local', path, id, root } };
  });
  const file = basename(config.file);
  const notes = here
    .filter(({ d1 }) => d1.remote)
    .map(
      ({ d1 }) =>
        `${d1.binding} in ${file} has remote = true: "wrangler dev" uses the database at Cloudflare, not local.`,
    );
  const chosen = `local is the state of "wrangler dev --env ${local.name}".`;
  return { targets, notes: local.name === undefined || targets.length === 0 ? notes : [chosen, ...notes] };
}

function blockTargets(name: string | undefined, block: WranglerBlock, look: Look): Found {
  const { config, databases } = look;
  const file = basename(config.file);
  if (name === 'local') return { targets: [], notes: [] };
  if (name !== undefined && block.databases.length === 0) {
    const notes = [
      `env.${name} in ${file} has no d1_databases: wrangler does not inherit those of the top level.`,
    ];
    return { targets: [], notes: config.top.databases.length === 0 ? [] : notes };
  }
  if (name === undefined && config.environments.get('remote')?.databases.length) {
    return {
      targets: [],
      notes: [`remote is env.remote of ${file}; the database of its top level is not shown.`],
    };
  }
  const found = databases.flatMap(({ database, bindings }) => {
    const d1 = bindings.get(name);
    return d1 === undefined ? [] : [remoteTarget(database, d1, { name, block }, look)];
  });
  return { targets: found.flatMap(({ targets }) => targets), notes: found.flatMap(({ notes }) => notes) };
}

function remoteTarget(
  database: Database,
  d1: WranglerD1,
  { name, block }: { readonly name: string | undefined; readonly block: WranglerBlock },
  { root, env, config, lenders }: Look,
): Found {
  const environment = name ?? 'remote';
  const layers = variableLayers(root, environment, env);
  const bindings = block.databases.map(({ binding }) => binding);
  // What is set for every environment must not lead staging and production to one database.
  const own = name === undefined ? layers : ownLayers(root, name);
  const named = namedByEnvironment(d1.binding, bindings, own);
  const lent = lentTo(name, database, lenders);
  const wanted =
    named?.database ??
    realId(d1) ??
    (name === undefined ? undefined : d1.name) ??
    lent?.database ??
    (bindings.length === 1 ? firstOf(own, ['CLOUDFLARE_DATABASE_ID']) : undefined);
  const provisioned = name === undefined ? undefined : provisionedName(block.worker, d1.binding);
  if (wanted === undefined && provisioned === undefined)
    return {
      targets:
        name === undefined
          ? []
          : [{ environment, database: database.name, address: nameless(d1, name, config) }],
      notes: [],
    };
  const address = d1Remote(
    { database: wanted ?? provisioned ?? '', account: block.account, token: undefined, lent },
    { root, layers },
  );
  const notes =
    named === undefined
      ? []
      : [`${named.variable} leads ${d1.binding} of ${environment} to ${named.database}.`];
  return { targets: [{ environment, database: database.name, address }], notes };
}

function nameless({ binding }: WranglerD1, block: string, { file }: WranglerConfig): Address {
  return {
    kind: 'unavailable',
    shown: 'D1 without a name',
    why: `${binding} of env.${block} in ${basename(file)} has neither database_id nor database_name, and the worker has no name. Add one of them.`,
  };
}

/** What a Drizzle configuration for the same folder knows: the one of that environment, else the plain one. */
function lentTo(
  name: string | undefined,
  database: Database,
  lenders: readonly DrizzleReading[],
): D1Lent | undefined {
  const fits = (environment: string | undefined) =>
    lenders
      .flatMap((reading) =>
        reading.kind === 'read' &&
        reading.environment === environment &&
        reading.config.directory === database.directory &&
        reading.config.d1 !== undefined
          ? [reading.config.d1]
          : [],
      )
      .at(0);
  const own = fits(name ?? 'remote');
  const plain = fits(undefined);
  if (own !== undefined || plain === undefined) return own;
  // The plain one names one database, which is not that of every environment.
  return name === undefined ? plain : { ...plain, database: undefined };
}

/** `drizzle.config.X.ts` names an environment that wrangler's configuration does not have. */
function lentTargets({ databases, lenders }: Look): readonly Target[] {
  return lenders.flatMap((reading) => {
    if (reading.kind !== 'read' || reading.config.d1 === undefined) return [];
    const { directory, address } = reading.config;
    const environment = reading.environment ?? 'remote';
    return databases
      .filter(({ database }) => database.directory === directory)
      .slice(0, 1)
      .map(({ database }) => ({ environment, database: database.name, address }));
  });
}

function leftOut(lenders: readonly DrizzleReading[]): readonly string[] {
  return lenders.flatMap((reading) =>
    reading.kind === 'read' &&
    reading.config.d1 === undefined &&
    reading.config.address.kind !== 'unavailable'
      ? [`The database of ${basename(reading.file)} is not shown: its migrations are those of a D1 database.`]
      : [],
  );
}
