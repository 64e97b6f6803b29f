import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { DrizzleConfig } from './drizzle-config.ts';
import { drizzleTable, plainEnvironment } from './defaults.ts';
import type { DrizzleReading } from './read-drizzle.ts';
import type { Database, Environment, ProjectSource, Target } from './project.ts';

/** What the Drizzle configurations of a folder amount to, without a configuration of ours. */
export interface FoundParts {
  readonly databases: readonly Database[];
  readonly environments: readonly Environment[];
  readonly sources: readonly ProjectSource[];
  readonly notes: readonly string[];
}

export function foundParts(root: string, readings: readonly DrizzleReading[]): FoundParts {
  const databases = databasesOf(
    readings.flatMap((reading) => (reading.kind === 'read' ? [reading.config] : [])),
  );
  const targets = new Map<string, Target>();
  const notes: string[] = [];
  // One that was named for its environment says more than one that was guessed.
  for (const reading of readings.toSorted(
    (a, b) => Number(b.environment !== undefined) - Number(a.environment !== undefined),
  )) {
    const target = targetOf(reading, databases);
    const key = `${target.environment}\n${target.database}`;
    if (targets.has(key))
      notes.push(
        `${basename(reading.file)} is ignored for ${target.environment}, which has a configuration of its own.`,
      );
    else targets.set(key, target);
    if (reading.kind === 'failed') notes.push(`${reading.error.message} ${reading.error.next ?? ''}`.trim());
  }
  return {
    databases,
    environments: environmentsOf([...targets.values()]),
    sources: sourcesOf(root, readings),
    notes,
  };
}

/** One database for each folder and table; the first is `app`. */
function databasesOf(configs: readonly DrizzleConfig[]): readonly Database[] {
  const databases = new Map<string, Database>();
  for (const { directory, table = drizzleTable } of configs) {
    const key = `${directory}\n${table}`;
    if (databases.has(key)) continue;
    const taken = new Set(Array.from(databases.values(), ({ name }) => name));
    const name = databases.size === 0 ? 'app' : unused(basename(directory), taken);
    databases.set(key, { name, directory, table, format: 'auto', bookkeeping: 'drizzle', only: undefined });
  }
  return [...databases.values()];
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
  const { directory, table = drizzleTable, address, place } = reading.config;
  const database = databases.find((one) => one.directory === directory && one.table === table)?.name ?? 'app';
  return { environment: reading.environment ?? place, database, address };
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

function sourcesOf(root: string, readings: readonly DrizzleReading[]): readonly ProjectSource[] {
  const sources = new Map<string, string>();
  for (const reading of readings) {
    const file = relative(root, reading.file);
    if (reading.kind === 'failed') sources.set(file, reading.error.message);
    else {
      sources.set(
        file,
        `${dialects[reading.config.dialect] ?? reading.config.dialect}, migrations in ${folderText(root, reading.config.directory)}`,
      );
      for (const [name, says] of reading.fromFiles) sources.set(name, says);
    }
  }
  return Array.from(sources, ([file, says]) => ({ file, says }));
}

const dialects: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  turso: 'Turso',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
};

/** `drizzle/ (17, Drizzle 0.x)` */
function folderText(root: string, directory: string): string {
  const path = `${relative(root, directory) || '.'}/`;
  if (!existsSync(directory)) return `${path} (not there yet)`;
  const entries = readdirSync(directory, { withFileTypes: true });
  const journal = existsSync(join(directory, 'meta', '_journal.json'));
  const many = entries.filter((entry) =>
    journal ? entry.name.endsWith('.sql') : entry.isDirectory() && /^\d{14}/.test(entry.name),
  ).length;
  return many === 0 && !journal ? `${path} (empty)` : `${path} (${many}, Drizzle ${journal ? '0.x' : '1.0'})`;
}
