import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { configuredParts, needsDrizzle } from './configured/configured.ts';
import { keepDays, noHooks } from './defaults.ts';
import { variablesFor, type Variables } from './dotenv.ts';
import type { UnsetVariables } from './evaluation/evaluate.ts';
import { evaluateFile } from './evaluation/evaluate-file.ts';
import { findProject, nearestWrangler, type Found } from './find.ts';
import { foundParts } from './found.ts';
import { parseConfig, type ParsedConfig } from './config/parse.ts';
import type { Project } from './project.ts';
import { readDrizzle, type DrizzleReading } from './drizzle/read.ts';
import type { WranglerConfig } from './wrangler/config.ts';
import type { WranglerParts } from './wrangler/parts.ts';
import { below, readWrangler, readWranglers } from './wrangler/readings.ts';

export interface ReadProjectOptions {
  readonly cwd: string;
  /** `--config F` */
  readonly config?: string | undefined;
  /** `--project DIR` */
  readonly project?: string | undefined;
  readonly env: Variables;
  /** `stand-in`: no target is going to be reached, so that no variable is missed. */
  readonly unset?: UnsetVariables | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the project around a folder and reads what its configurations say. No database is asked, nothing
 * is written in the project. Throws `not-found` when there is none, `config` with file, key, reason and fix.
 */
export async function readProject({
  cwd,
  config,
  project,
  env,
  unset = 'missed',
  signal,
}: ReadProjectOptions): Promise<Project> {
  const found = findProject({ cwd, config, project });
  const options = { env, unset, signal };
  return found.configFile === undefined
    ? withoutConfig(found, options)
    : withConfig(found, found.configFile, options);
}

interface Reading {
  readonly env: Variables;
  readonly unset: UnsetVariables;
  readonly signal: AbortSignal | undefined;
}

async function withoutConfig(found: Found, options: Reading): Promise<Project> {
  const { env } = options;
  const readings = await readDrizzle(found.drizzle, options);
  const wrangler = await foundWrangler(found, env, readings);
  const failed = readings.find((reading) => reading.kind === 'failed');
  const usable = readings.some((reading) => reading.kind === 'read');
  if (wrangler === undefined && failed !== undefined && !usable) throw failed.error;
  if (wrangler === undefined && readings.length === 0) throw nothingIn(found);
  const parts = foundParts(found.root, readings, wrangler);
  const { databases, environments, sources } = parts;
  return {
    ...base(found),
    databases,
    environments,
    sources,
    hooks: noHooks,
    notify: [],
    backups: { to: undefined, keepDays, keys: [] },
    ledger: undefined,
    seed: undefined,
    masks: new Map(),
    ignoreDrift: [],
    rules: new Map(),
    installations: 'known',
    theme: undefined,
    notes: [...found.notes, ...parts.notes, ...parts.targetNotes],
  };
}

/** What the project's wrangler configuration amounts to; undefined without one that has a D1 database. */
async function foundWrangler(
  { root, wrangler }: Found,
  env: Variables,
  readings: readonly DrizzleReading[],
): Promise<WranglerParts | undefined> {
  const file = wrangler ?? nearestWrangler(root);
  if (file === undefined) return undefined;
  const config = await readWrangler(file);
  const own = wrangler === undefined ? below(root, config) : config;
  if (!hasDatabases(own)) return undefined;
  const { wranglerParts } = await import('./wrangler/parts.ts');
  const { wranglerNotes } = await import('./wrangler/notes.ts');
  const parts = wranglerParts(own, { root, env, readings });
  return { ...parts, notes: [...wranglerNotes(own), ...parts.notes] };
}

function hasDatabases({ top, environments }: WranglerConfig): boolean {
  return [top, ...environments.values()].some(({ databases }) => databases.length > 0);
}

function nothingIn({ root, wrangler }: Found): MigrateError {
  const file = relative(root, wrangler ?? '');
  return new MigrateError('config', `${root} has ${file} only, and no D1 database stands there.`, {
    next: `Add d1_databases to ${file}, or a drizzle.config.ts.`,
  });
}

async function withConfig(found: Found, file: string, options: Reading): Promise<Project> {
  const { env } = options;
  const variables = variablesFor(dirname(file), undefined, env);
  const exported = await evaluateFile({ file, environment: undefined, variables, ...options });
  const config = parseConfig(file, exported);
  const readings = needsDrizzle(config, file) ? await readDrizzle(found.drizzle, options) : [];
  const folders = Array.from(config.databases?.values() ?? [], ({ migrations }) =>
    resolve(dirname(file), migrations ?? '.'),
  );
  const wranglers = await readWranglers([found.root, ...folders]);
  const wrangler = leavesToBeFound(config) ? await foundWrangler(found, env, readings) : undefined;
  const lent = foundParts(found.root, readings, wrangler);
  const parts = configuredParts(config, {
    unset: options.unset,
    file,
    root: found.root,
    env,
    readings,
    wranglers,
    found: lent,
  });
  const own = {
    file: relative(found.root, file),
    says: `${counted(parts.databases, 'database')}, ${counted(parts.environments, 'environment')}`,
  };
  return {
    ...base(found),
    ...parts,
    sources: [own, ...lent.sources],
    notes: [
      ...found.notes,
      ...parts.notes,
      ...(config.databases === undefined ? lent.notes : []),
      ...(config.environments === undefined ? lent.targetNotes : []),
    ],
  };
}

/** Whether environments, or the folder of a database, are left to the other configurations. */
function leavesToBeFound({ environments, databases }: ParsedConfig): boolean {
  const given = [...(databases?.values() ?? [])];
  return (
    environments === undefined || databases === undefined || !given.every(({ migrations }) => migrations)
  );
}

function base({ root, configFile }: Found) {
  return { root, configFile, name: nameOf(root) };
}

/** The package's name without its scope, or the folder's. */
function nameOf(root: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    if (
      typeof manifest === 'object' &&
      manifest !== null &&
      'name' in manifest &&
      typeof manifest.name === 'string'
    ) {
      return manifest.name.replace(/^@[^/]*\//, '') || basename(root);
    }
  } catch {
    // No package, or one that npm will complain about: the name is only for people.
  }
  return basename(root);
}

function counted(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
