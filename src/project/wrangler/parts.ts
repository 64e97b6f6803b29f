import { basename } from 'node:path';
import type { Variables } from '../dotenv.ts';
import { localId, miniflarePath, stateFolder } from '../miniflare-path.ts';
import type { Database, Target } from '../project.ts';
import type { DrizzleReading } from '../drizzle/read.ts';
import { localBlock } from './blocks.ts';
import type { WranglerBlock, WranglerConfig } from './config.ts';
import { blocksOf, boundDatabases, type BoundDatabase } from './databases.ts';
import { remoteTarget, type FoundTargets } from './remote.ts';

/** What a wrangler configuration amounts to, without a configuration of ours. */
export interface WranglerParts {
  readonly file: string;
  readonly databases: readonly Database[];
  readonly targets: readonly Target[];
  /** About files and databases. */
  readonly notes: readonly string[];
  /** About where targets lead. */
  readonly targetNotes: readonly string[];
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
  const blocksLead = remote.some(({ targets }) => targets.length > 0);
  const lent = lentTargets(look).filter(
    // A configuration for generating names no database; where blocks name theirs, none is missed.
    (target) => !taken.has(keyOf(target)) && !(blocksLead && lacksAddress(target)),
  );
  return {
    file: config.file,
    databases: databases.map(({ database }) => database),
    targets: [...local.targets, ...remote.flatMap(({ targets }) => targets), ...lent],
    notes,
    targetNotes: [...local.notes, ...remote.flatMap((one) => one.notes), ...leftOut(lenders)],
    lenders,
  };
}

interface Look extends Around {
  readonly config: WranglerConfig;
  readonly databases: readonly BoundDatabase[];
  readonly lenders: readonly DrizzleReading[];
}

function keyOf({ environment, database }: Target): string {
  return `${environment}\n${database}`;
}

function lacksAddress({ address }: Target): boolean {
  return address.kind === 'unavailable' && address.lacks === 'address';
}

function localTargets({ config, databases, root }: Look): FoundTargets {
  const local = localBlock(config);
  if (local === undefined) return { targets: [], notes: [] };
  const here = databases.flatMap(({ database, bindings }) => {
    const d1 = bindings.get(local.name);
    return d1 === undefined ? [] : [{ database, d1 }];
  });
  const targets = here.map(({ database, d1 }): Target => {
    const id = localId(d1);
    const path = miniflarePath(stateFolder(config.folder), id);
    const address = { kind: 'd1-local', path, id, name: d1.name ?? d1.binding, root } as const;
    return { environment: 'local', database: database.name, address };
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

function blockTargets(name: string | undefined, block: WranglerBlock, look: Look): FoundTargets {
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
    return d1 === undefined ? [] : [remoteTarget({ database, d1, name, block, file: config.file }, look)];
  });
  return { targets: found.flatMap(({ targets }) => targets), notes: found.flatMap(({ notes }) => notes) };
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
