import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { configuredParts, needsDrizzle } from './configured.ts';
import { keepDays, noHooks } from './defaults.ts';
import { variablesFor, type Variables } from './dotenv.ts';
import { evaluateFile } from './evaluate-file.ts';
import { findProject, type Found } from './find.ts';
import { foundParts, type FoundParts } from './found.ts';
import { parseConfig } from './parse-config.ts';
import type { Project } from './project.ts';
import { readDrizzle, type DrizzleReading } from './read-drizzle.ts';

export interface ReadProjectOptions {
  readonly cwd: string;
  /** `--config F` */
  readonly config?: string | undefined;
  /** `--project DIR` */
  readonly project?: string | undefined;
  readonly env: Variables;
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
  signal,
}: ReadProjectOptions): Promise<Project> {
  const found = findProject({ cwd, config, project });
  return found.configFile === undefined
    ? withoutConfig(found, await readDrizzle(found.drizzle, { env, signal }))
    : withConfig(found, found.configFile, env, signal);
}

function withoutConfig(found: Found, readings: readonly DrizzleReading[]): Project {
  const failed = readings.find((reading) => reading.kind === 'failed');
  if (failed !== undefined && readings.every((reading) => reading.kind === 'failed')) throw failed.error;
  if (readings.length === 0) {
    const names = found.wrangler.map((file) => relative(found.root, file)).join(', ');
    throw new MigrateError(
      'config',
      `${found.root} has ${names} only, and this version does not serve Cloudflare D1.`,
      {
        next: 'Use "wrangler d1 migrations" there, or add a drizzle.config.ts with a libSQL database.',
      },
    );
  }
  const parts = foundParts(found.root, readings);
  return {
    ...base(found),
    ...parts,
    hooks: noHooks,
    backups: { to: undefined, keepDays },
    ledger: undefined,
    notes: [...found.notes, ...parts.notes, ...wranglerNotes(found), ...unprotectedNotes(parts)],
  };
}

async function withConfig(
  found: Found,
  file: string,
  env: Variables,
  signal: AbortSignal | undefined,
): Promise<Project> {
  const variables = variablesFor(dirname(file), undefined, env);
  const exported = await evaluateFile({ file, environment: undefined, variables, env, signal });
  const config = parseConfig(file, exported);
  const readings = needsDrizzle(config) ? await readDrizzle(found.drizzle, { env, signal }) : [];
  const lent = foundParts(found.root, readings);
  const parts = configuredParts(config, { file, root: found.root, env, readings, found: lent });
  const own = {
    file: relative(found.root, file),
    says: `${counted(parts.databases, 'database')}, ${counted(parts.environments, 'environment')}`,
  };
  return {
    ...base(found),
    ...parts,
    sources: [own, ...lent.sources],
    notes: [...found.notes, ...parts.notes, ...wranglerNotes(found)],
  };
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

function wranglerNotes({ wrangler }: Found): readonly string[] {
  return wrangler.map((file) => `${basename(file)} was found; Cloudflare D1 is not served by this version.`);
}

function unprotectedNotes({ environments }: FoundParts): readonly string[] {
  return environments
    .filter(({ name }) => /^(?:prod(?:uction)?|live)$/.test(name))
    .map(
      ({ name }) => `${name} is not protected; "migrate-tui init" writes a configuration that protects it.`,
    );
}

function counted(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
