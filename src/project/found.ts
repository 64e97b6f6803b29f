import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { portablePath } from '../lib/portable-path.ts';
import { companionName } from '../migrations/companions.ts';
import type { DrizzleConfig } from './drizzle/config.ts';
import { drizzleSchema, drizzleTable, plainEnvironment } from './defaults.ts';
import { dialectNamed, speaksOther } from './dialect.ts';
import { isProtectedByName, protectedNotes } from './protected-by-name.ts';
import type { DrizzleReading } from './drizzle/read.ts';
import { plainName } from './plain-name.ts';
import type { Database, Environment, ProjectSource, Target } from './project.ts';
import type { WranglerParts } from './wrangler/parts.ts';

/** What the configurations of a folder amount to, without one of ours. */
export interface FoundParts {
  readonly databases: readonly Database[];
  readonly environments: readonly Environment[];
  readonly sources: readonly ProjectSource[];
  /** About files and databases. */
  readonly notes: readonly string[];
  /** About where targets lead. */
  readonly targetNotes: readonly string[];
}

/** Joins what Drizzle configurations say with what wrangler's says; where both know an environment, wrangler's counts. */
export function foundParts(
  root: string,
  all: readonly DrizzleReading[],
  wrangler: WranglerParts | undefined,
): FoundParts {
  const readings = all.filter((reading) => !wrangler?.lenders.includes(reading));
  const databases = databasesOf(
    readings.flatMap((reading) => (reading.kind === 'read' ? [reading.config] : [])),
    wrangler?.databases ?? [],
  );
  const targets = new Map((wrangler?.targets ?? []).map((target) => [keyOf(target), target]));
  const notes: string[] = [];
  // One that was named for its environment says more than one that was guessed.
  for (const reading of readings.toSorted(
    (a, b) => Number(b.environment !== undefined) - Number(a.environment !== undefined),
  )) {
    if (reading.kind === 'failed') notes.push(`${reading.error.message} ${reading.error.next ?? ''}`.trim());
    // Whatever it would have said: the databases that wrangler knows are reached without it.
    if (reading.kind === 'failed' && wrangler !== undefined) continue;
    const target = targetOf(reading, databases);
    if (targets.has(keyOf(target)))
      notes.push(
        `${basename(reading.file)} is ignored for ${target.environment}, which has a configuration of its own.`,
      );
    else targets.set(keyOf(target), target);
  }
  const environments = environmentsOf([...targets.values()]);
  return {
    databases,
    environments,
    sources: [...(wrangler === undefined ? [] : [wranglerSource(root, wrangler)]), ...sourcesOf(root, all)],
    notes: wrangler?.notes ?? [],
    targetNotes: [...(wrangler?.targetNotes ?? []), ...notes, ...protectedNotes(environments)],
  };
}

function keyOf({ environment, database }: Target): string {
  return `${environment}\n${database}`;
}

/** Those that are known, and one for each further folder and table; the first of these is `app`. */
function databasesOf(configs: readonly DrizzleConfig[], known: readonly Database[]): readonly Database[] {
  const databases = new Map<string, Database>();
  for (const config of configs) {
    const kept = keptIn(config);
    const key = JSON.stringify([kept.directory, kept.table, kept.tableSchema]);
    // One folder holds one kind of SQL: what is configured for another over it is no database of its own.
    const isOther = ({ directory, dialect }: Database) =>
      directory === kept.directory && dialect !== kept.dialect;
    if (databases.has(key) || databases.values().some(isOther)) continue;
    const taken = new Set([...known, ...databases.values()].map(({ name }) => name));
    const name = unused(databases.size === 0 ? 'app' : plainName(basename(config.directory)) || 'app', taken);
    databases.set(key, { name, ...kept, format: 'auto', bookkeeping: 'drizzle', only: undefined });
  }
  return [...known, ...databases.values()];
}

/** Where drizzle-kit writes migrations and drizzle-orm records them. */
function keptIn({ dialect, directory, table = drizzleTable, tableSchema = drizzleSchema }: DrizzleConfig) {
  const spoken = dialectNamed(dialect) ?? 'sqlite';
  return { directory, dialect: spoken, table, ...(spoken === 'postgres' ? { tableSchema } : {}) };
}

function unused(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

function targetOf(reading: DrizzleReading, databases: readonly Database[]): Target {
  if (reading.kind === 'failed') {
    const why = `${reading.error.message} ${reading.error.next ?? ''}`.trim();
    return {
      environment: reading.environment ?? 'remote',
      database: databases[0]?.name ?? 'app',
      address: { kind: 'unavailable', shown: basename(reading.file), why },
    };
  }
  const { address, place } = reading.config;
  const { directory, table, tableSchema } = keptIn(reading.config);
  const database =
    databases.find(
      (one) => one.directory === directory && one.table === table && one.tableSchema === tableSchema,
    ) ?? databases.find((one) => one.directory === directory);
  const file = basename(reading.file);
  const why = database && speaksOther(address, database);
  return {
    environment: reading.environment ?? place,
    database: database?.name ?? 'app',
    address:
      why === undefined
        ? address
        : { kind: 'unavailable', shown: file, why: `${file} ${why}, as another configuration says.` },
  };
}

function environmentsOf(targets: readonly Target[]): readonly Environment[] {
  const names = [...new Set(targets.map(({ environment }) => environment))];
  const rank = (name: string) => {
    const known = usualOrder.findIndex((pattern) => pattern.test(name));
    return known === -1 ? unusual : known;
  };
  return names
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => ({
      ...plainEnvironment(name),
      protected: isProtectedByName(name),
      targets: targets.filter(({ environment }) => environment === name),
    }));
}

/** Without a configuration of ours nothing says the order of promotion; this is how people number these names. */
const usualOrder = [
  /^local$/,
  /^dev(elopment)?$/,
  /^(test|testing|ci)$/,
  /^(qa|uat|preview)$/,
  /^stag(e|ing)$/,
  /^pre-?prod/,
  /^(prod(uction)?|live|main)$/,
  /^remote$/,
];
const unusual = 3.5;

/** `D1 DB, AUTH; migrations in drizzle/ (17, Drizzle 0.x)` */
function wranglerSource(root: string, { file, databases }: WranglerParts): ProjectSource {
  const folders = [...new Set(databases.map(({ directory }) => folderText(root, directory)))];
  const names = databases.map(({ name }) => name).join(', ');
  return { file: portablePath(root, file), says: `D1 ${names}; migrations in ${folders.join(', ')}` };
}

function sourcesOf(root: string, readings: readonly DrizzleReading[]): readonly ProjectSource[] {
  const sources = new Map<string, string>();
  for (const reading of readings) {
    const file = portablePath(root, reading.file);
    if (reading.kind === 'failed') sources.set(file, reading.error.message);
    else {
      sources.set(
        file,
        `${dialectOf(reading.config)}, migrations in ${folderText(root, reading.config.directory)}`,
      );
      for (const [name, says] of reading.fromFiles) sources.set(name, says);
    }
  }
  return Array.from(sources, ([file, says]) => ({ file, says }));
}

function dialectOf({ dialect, d1 }: DrizzleConfig): string {
  return d1 === undefined ? (dialects[dialect] ?? dialect) : 'Cloudflare D1';
}

const dialects: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  turso: 'Turso',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
};

/** `drizzle/ (17, Drizzle 0.x)` */
function folderText(root: string, directory: string): string {
  const path = `${portablePath(root, directory) || '.'}/`;
  if (!existsSync(directory)) return `${path} (not there yet)`;
  const entries = readdirSync(directory, { withFileTypes: true });
  const journal = existsSync(join(directory, 'meta', '_journal.json'));
  const folders = entries.filter((entry) => entry.isDirectory() && /^\d{14}/.test(entry.name)).length;
  const files = entries.filter(({ name }) => name.endsWith('.sql') && !companionName.test(name)).length;
  const [many, kind] = journal
    ? [files, 'Drizzle 0.x']
    : folders > 0
      ? [folders, 'Drizzle 1.0']
      : [files, 'SQL files'];
  return many === 0 && !journal ? `${path} (empty)` : `${path} (${many}, ${kind})`;
}
