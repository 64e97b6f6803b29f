import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { variableLayers, variablesFor, type Variables } from '../dotenv.ts';
import { drizzleConfigOf, type DrizzleConfig } from './config.ts';
import type { UnsetVariables } from '../evaluation/evaluate.ts';
import { evaluateFile } from '../evaluation/evaluate-file.ts';
import type { DrizzleFile } from '../find.ts';
import { libsqlAddress } from '../addresses/libsql-url.ts';
import { postgresAddress, shownServer } from '../addresses/postgres-url.ts';
import type { Address } from '../project.ts';

/** One Drizzle configuration, evaluated with the variables of one environment. */
export type DrizzleReading = {
  readonly file: string;
  /** Named by the file or by its `.env.X`; undefined: to be told from the URL. */
  readonly environment: string | undefined;
} & (
  | {
      readonly kind: 'read';
      readonly config: DrizzleConfig;
      /** What `.env` files gave, for people: file name and a line without secrets. */
      readonly fromFiles: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'failed'; readonly error: MigrateError }
);

interface ReadOptions {
  readonly env: Variables;
  readonly unset?: UnsetVariables;
  readonly signal: AbortSignal | undefined;
}

/**
 * Evaluates the Drizzle configurations of a folder, side by side. A plain one is also evaluated with each
 * `.env.X` beside it, and gives environment X where that leads to another database; one that leads nowhere without
 * them gives these environments alone.
 * One that fails is a result like any other, so that it does not hide the others.
 */
export async function readDrizzle(
  files: readonly DrizzleFile[],
  options: ReadOptions,
): Promise<readonly DrizzleReading[]> {
  const readings = await Promise.all(
    files.map(async ({ file, environment }) => {
      const own = await readOne(file, environment, options);
      if (environment !== undefined) return [own];
      const variants = await readVariants(own, files, options);
      return variants.length > 0 && isOfVariantsAlone(own) ? variants : [own, ...variants];
    }),
  );
  return readings.flat();
}

/** Every place that it knows is in a `.env.X`: without one it is no environment, and needs no variable of its own. */
function isOfVariantsAlone(own: DrizzleReading): boolean {
  if (own.kind === 'failed') return !plainFiles.some((name) => existsSync(join(dirname(own.file), name)));
  const { address } = own.config;
  return address.kind === 'unavailable' && address.lacks === 'address';
}

const plainFiles = ['.env', '.dev.vars'];

async function readOne(
  file: string,
  environment: string | undefined,
  { env, unset, signal }: ReadOptions,
): Promise<DrizzleReading> {
  try {
    const variables = variablesFor(dirname(file), environment, env);
    const exported = await evaluateFile({ file, environment, variables, env, unset, signal });
    const layers = variableLayers(dirname(file), environment, env);
    const config = drizzleConfigOf(file, exported, { root: dirname(file), layers });
    return {
      kind: 'read',
      file,
      environment,
      config,
      fromFiles: origins(config.address, file, environment, variables),
    };
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'config')
      return { kind: 'failed', file, environment, error };
    throw error;
  }
}

async function readVariants(
  own: DrizzleReading,
  files: readonly DrizzleFile[],
  options: ReadOptions,
): Promise<readonly DrizzleReading[]> {
  const taken = new Set(files.map(({ environment }) => environment));
  if (own.kind === 'read') taken.add(own.config.place);
  const names = envFiles(dirname(own.file)).filter((name) => !taken.has(name));
  const variants = await Promise.all(names.map((name) => readOne(own.file, name, options)));
  return variants.filter(
    (variant) =>
      variant.kind === 'read' &&
      variant.config.address.kind !== 'unavailable' &&
      (own.kind === 'failed' || key(variant.config.address) !== key(own.config.address)),
  );
}

/** X of every `.env.X`, without samples and the files of particular tools. */
function envFiles(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const [, environment] = /^\.env\.([A-Za-z][\w-]*)$/.exec(name) ?? [];
    return environment === undefined ||
      /^(?:example|sample|template|dist|defaults|schema|vault|keys|me)$/.test(environment)
      ? []
      : [environment];
  });
}

function key(address: Address): string {
  switch (address.kind) {
    case 'libsql-file':
      return address.path;
    case 'libsql-remote':
      return address.url;
    case 'd1-local':
      return address.path;
    case 'postgres':
      return address.url;
    case 'pglite':
      return address.folder ?? address.kind;
    case 'd1-remote':
      return `${address.account ?? ''}/${address.database}`;
    case 'libsql-memory':
    case 'unavailable':
      return address.kind;
  }
}

function origins(
  address: Address,
  file: string,
  environment: string | undefined,
  variables: Variables,
): ReadonlyMap<string, string> {
  const folder = dirname(file);
  const found = new Map<string, string>();
  for (const name of environment === undefined ? ['.env'] : [`.env.${environment}`, '.env']) {
    for (const [variable, value] of Object.entries(readVariables(join(folder, name)))) {
      const there = value
        ? (libsqlAddress(value, { folder, authToken: undefined }) ??
          postgresAddress(value, { folder, variables }))
        : undefined;
      if (there === undefined || there.kind === 'problem' || key(there) !== key(address)) continue;
      found.set(name, `${variable}  ${shown(address)}`);
      return found;
    }
  }
  return found;
}

function readVariables(file: string): Variables {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch {
    // Only for a line that tells people where a URL came from; whoever needs the file reports its absence.
    return {};
  }
}

function shown(address: Address): string {
  switch (address.kind) {
    case 'libsql-file':
      return `file:${basename(address.path)}`;
    case 'libsql-remote':
      return `${address.url} (${address.authToken === undefined ? 'no token' : 'token present'})`;
    case 'postgres':
      return `${shownServer(address)} (${address.password === undefined ? 'no password' : 'password present'})`;
    case 'pglite':
      return `pglite:${basename(address.folder ?? ':memory:')}`;
    case 'libsql-memory':
    case 'd1-local':
    case 'd1-remote':
    case 'unavailable':
      return address.kind;
    default:
      return unreachable(address);
  }
}
