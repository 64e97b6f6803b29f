import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What PGlite takes when it starts, and only then: https://pglite.dev/extensions */
export type PgliteExtensions = Readonly<Record<string, object>>;

/**
 * Every extension that comes with a PGlite or is installed beside it: which ones a database has is not known before
 * it is open, and a migration may make one. Those that are not used cost a tenth of a second.
 *
 * @param main the path of PGlite's main module
 */
export async function extensionsFor(main: string): Promise<PgliteExtensions> {
  const modules = [...(await broughtAlong(dirname(main))), ...(await beside(main))];
  const found = await Promise.all(modules.map(extensionsIn));
  return Object.fromEntries(found.flat());
}

/** Older ones have `vector` in a folder of its own. */
async function broughtAlong(folder: string): Promise<readonly string[]> {
  const contrib = await namesIn(join(folder, 'contrib'));
  const vector = await namesIn(join(folder, 'vector'));
  return [
    ...contrib.filter((name) => name.endsWith('.cjs')).map((name) => join(folder, 'contrib', name)),
    ...vector.filter((name) => name === 'index.cjs').map((name) => join(folder, 'vector', name)),
  ];
}

async function beside(main: string): Promise<readonly string[]> {
  const { resolve } = createRequire(main);
  const scope = dirname(dirname(dirname(main)));
  const names = (await namesIn(scope)).filter((name) => name.startsWith('pglite-') && !tools.has(name));
  return names.flatMap((name) => {
    try {
      return [resolve(`@electric-sql/${name}`)];
    } catch {
      // It has no main module, so it is no extension.
      return [];
    }
  });
}

async function extensionsIn(path: string): Promise<readonly (readonly [string, object])[]> {
  const loaded: object = await import(pathToFileURL(path).href);
  return Object.values(loaded).flatMap((value: unknown): readonly (readonly [string, object])[] =>
    isExtension(value) ? [[value.name, withoutPreloading(value)]] : [],
  );
}

/**
 * What is to be loaded when the server starts, PGlite writes into the folder's own configuration: whoever opened it
 * afterwards without that extension could not start it any more.
 */
function withoutPreloading({ name, setup }: Extension): Extension {
  return {
    name,
    setup: async (...given) => {
      const { sharedPreloadLibraries, ...others } = await setup(...given);
      void sharedPreloadLibraries;
      return others;
    },
  };
}

interface Extension {
  readonly name: string;
  readonly setup: (...given: readonly unknown[]) => Promise<{ readonly sharedPreloadLibraries?: unknown }>;
}

function isExtension(value: unknown): value is Extension {
  return (
    typeof value === 'object' &&
    value !== null &&
    'setup' in value &&
    typeof value.setup === 'function' &&
    'name' in value &&
    typeof value.name === 'string'
  );
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Packages of PGlite's makers that are something else. */
const tools = new Set(['react', 'repl', 'socket', 'sync', 'tools', 'vue'].map((name) => `pglite-${name}`));
