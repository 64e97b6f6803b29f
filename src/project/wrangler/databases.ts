import { existsSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { drizzleTable } from '../defaults.ts';
import { localId } from '../miniflare-path.ts';
import type { Database } from '../project.ts';
import type { DrizzleReading } from '../drizzle/read.ts';
import type { WranglerBlock, WranglerConfig, WranglerD1, WranglerMigrations } from './config.ts';

/** A database of the project with the bindings that lead to it: at most one in each block. */
export interface BoundDatabase {
  readonly database: Database;
  /** By the name of the block; `undefined` is the top level. */
  readonly bindings: ReadonlyMap<string | undefined, WranglerD1>;
}

export interface BoundDatabases {
  readonly databases: readonly BoundDatabase[];
  readonly notes: readonly string[];
}

/** The blocks of a configuration, the top level first, as `undefined`. */
export function blocksOf(config: WranglerConfig): readonly (readonly [string | undefined, WranglerBlock])[] {
  return [[undefined, config.top], ...config.environments];
}

/**
 * One database for each binding. Bindings that lead to the same database with the same migrations are one;
 * a binding that has other migrations in another block is another. One without any migrations is left out
 * while others have some.
 */
export function boundDatabases(config: WranglerConfig, readings: readonly DrizzleReading[]): BoundDatabases {
  const names = new Set(
    blocksOf(config).flatMap(([, { databases }]) => databases.map(({ binding }) => binding)),
  );
  const groups = [...names].map((binding) => groupsOf(binding, config));
  const all = groups.map((group) => ofGroup(group, groups, readings));
  const leftOut = groups.filter((_, index) => all[index]?.length === 0);
  const once = withoutTwins(all.flat(), config);
  return {
    databases: once.databases,
    notes: [
      ...groups.flatMap((parts) => parts.flatMap(({ notes }) => notes)),
      ...leftOut.map(
        ([first]) =>
          `${first?.name} in ${basename(config.file)} is left out: it has no migrations_dir, and there is no folder migrations/.`,
      ),
      ...once.notes,
      ...shared(once.databases, config),
    ],
  };
}

/** The databases of one binding: empty when it has no migrations and another has some. */
function ofGroup(
  group: readonly Part[],
  groups: readonly (readonly Part[])[],
  readings: readonly DrizzleReading[],
): readonly BoundDatabase[] {
  if (hasMigrations(group)) return group.map((part) => bound(part, part.migrations));
  const without = groups.filter((other) => !hasMigrations(other));
  const lender = readings.find((reading) => lends(reading, group, without.length));
  if (lender?.kind === 'read') return group.map((part) => borrowed(part, lender));
  return without.length === groups.length ? group.map((part) => bound(part, part.migrations)) : [];
}

function hasMigrations(group: readonly Part[]): boolean {
  return group.some(({ migrations }) => isReached(migrations));
}

/** A folder that wrangler reads: one that is said, or its default when that is there. */
export function isReached({ from, directory }: WranglerMigrations): boolean {
  return from === 'config' || existsSync(directory);
}

interface Part {
  readonly name: string;
  readonly migrations: WranglerMigrations;
  readonly bindings: ReadonlyMap<string | undefined, WranglerD1>;
  readonly notes: readonly string[];
}

/** The blocks of one binding, by their migrations. */
function groupsOf(binding: string, config: WranglerConfig): readonly Part[] {
  const uses = blocksOf(config).flatMap(([block, { databases }]) =>
    databases.filter((d1) => d1.binding === binding).map((d1) => ({ block, d1 })),
  );
  const first = uses.find(({ d1 }) => isReached(d1.migrations)) ?? uses[0];
  const parts = new Map<
    string,
    { name: string; migrations: WranglerMigrations; bindings: Map<string | undefined, WranglerD1> }
  >();
  const notes: string[] = [];
  for (const { block, d1 } of uses) {
    // Not said, and not there: wrangler could not migrate it, so the folder of the other blocks is what is meant.
    const forgotten = first !== undefined && !isReached(d1.migrations) && isReached(first.d1.migrations);
    const migrations = forgotten ? first.d1.migrations : d1.migrations;
    if (forgotten)
      notes.push(
        `${where(block)} of ${basename(config.file)} does not say migrations_dir of ${binding}; ${relative(config.folder, migrations.directory) || '.'}/ is used as elsewhere. wrangler would look in migrations/, which is not there.`,
      );
    const key = JSON.stringify([migrations.directory, migrations.table, migrations.pattern]);
    const part = parts.get(key) ?? {
      name: parts.size === 0 ? binding : `${binding}-${block ?? 'top'}`,
      migrations,
      bindings: new Map(),
    };
    part.bindings.set(block, d1);
    parts.set(key, part);
  }
  return Array.from(parts.values(), (part, index) => ({ ...part, notes: index === 0 ? notes : [] }));
}

function where(block: string | undefined): string {
  return block === undefined ? 'The top level' : `env.${block}`;
}

function bound({ name, bindings }: Part, { directory, table, pattern }: WranglerMigrations): BoundDatabase {
  return {
    database: {
      name,
      directory,
      table,
      ...(pattern === undefined ? {} : { pattern }),
      format: 'auto',
      dialect: 'sqlite',
      bookkeeping: 'd1',
      only: undefined,
    },
    bindings,
  };
}

/** Without migrations of wrangler's, the folder of drizzle-kit is what keeps the database, in Drizzle's own table. */
function borrowed({ name, bindings }: Part, { config }: DrizzleReading & { kind: 'read' }): BoundDatabase {
  const { directory, table = drizzleTable } = config;
  return {
    database: {
      name,
      directory,
      table,
      format: 'auto',
      dialect: 'sqlite',
      bookkeeping: 'drizzle',
      only: undefined,
    },
    bindings,
  };
}

function lends(reading: DrizzleReading, parts: readonly Part[], candidates: number): boolean {
  if (reading.kind === 'failed') return false;
  const { d1, dialect, address } = reading.config;
  const ids = parts.flatMap(({ bindings }) => Array.from(bindings.values(), ({ id }) => id));
  if (d1?.database !== undefined && ids.includes(d1.database)) return true;
  // A configuration that only generates names no database at all.
  const open = d1 !== undefined || (dialect === 'sqlite' && address.kind === 'unavailable');
  return candidates === 1 && open;
}

function withoutTwins(databases: readonly BoundDatabase[], config: WranglerConfig): BoundDatabases {
  const kept: BoundDatabase[] = [];
  const notes: string[] = [];
  for (const one of databases) {
    const twin = kept.find((other) => isTwin(one, other));
    if (twin === undefined) kept.push(one);
    else
      notes.push(
        `${one.database.name} in ${basename(config.file)} leads to the same database as ${twin.database.name}, and is shown as ${twin.database.name}.`,
      );
  }
  return { databases: kept, notes };
}

/** Whether in every block of `one` the other leads to the same place, with the same migrations. */
function isTwin(one: BoundDatabase, other: BoundDatabase): boolean {
  const { directory, table, pattern } = one.database;
  if (other.database.directory !== directory || other.database.table !== table) return false;
  if (other.database.pattern !== pattern) return false;
  return [...one.bindings].every(([block, d1]) => {
    const same = other.bindings.get(block);
    const place = d1.id || d1.name;
    return same !== undefined && !!place && place === (same.id || same.name) && localId(d1) === localId(same);
  });
}

function shared(databases: readonly BoundDatabase[], config: WranglerConfig): readonly string[] {
  const folders = Map.groupBy(
    databases,
    ({ database }) => `${database.directory}\n${database.pattern ?? ''}`,
  );
  return [...folders.values()].flatMap((sharers) => {
    const [first, ...others] = sharers.map(({ database }) => database);
    if (first === undefined || others.length === 0) return [];
    const names = sharers.map(({ database }) => database.name);
    const folder = relative(config.folder, first.directory) || '.';
    return [
      `${names.slice(0, -1).join(', ')} and ${names.at(-1)} share ${folder}/: each gets all of it, as from wrangler. "only" in a configuration divides it.`,
    ];
  });
}
