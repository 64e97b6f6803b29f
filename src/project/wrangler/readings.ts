import { dirname } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { nearestWrangler } from '../find.ts';
import type { WranglerConfig } from './config.ts';

/** The wrangler configurations around a project. One that cannot be read throws when it is needed. */
export interface WranglerReadings {
  /** The one that is nearest to a folder, upward, else the project's. Throws `config`. */
  readonly near: (folder: string) => WranglerConfig | undefined;
}

/** Reads those that are nearest to these folders; the first is the project's own. */
export async function readWranglers(folders: readonly string[]): Promise<WranglerReadings> {
  const files = folders.map((folder) => nearestWrangler(folder));
  const wanted = new Set(files.filter((file) => file !== undefined));
  const readings = new Map(
    await Promise.all(Array.from(wanted, async (file) => [file, await readOne(file)] as const)),
  );
  return {
    near: (folder) => {
      const file = nearestWrangler(folder);
      const reading =
        (file === undefined ? undefined : readings.get(file)) ??
        (files[0] === undefined ? undefined : readings.get(files[0]));
      if (reading instanceof MigrateError) throw reading;
      return reading;
    },
  };
}

/** Reads one. Throws `config`. The readers of TOML and JSONC are loaded only where there is a file to read. */
export async function readWrangler(file: string): Promise<WranglerConfig> {
  const { readWranglerConfig } = await import('./config.ts');
  return readWranglerConfig(file);
}

async function readOne(file: string): Promise<WranglerConfig | MigrateError> {
  try {
    return await readWrangler(file);
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'config') return error;
    throw error;
  }
}

/** What concerns a project that lies below its wrangler configuration: databases whose migrations are in it. */
export function below(root: string, config: WranglerConfig): WranglerConfig {
  if (dirname(config.file) === root) return config;
  const inside = <Block extends WranglerConfig['top']>(block: Block) => ({
    ...block,
    databases: block.databases.filter(
      ({ migrations }) => migrations.directory === root || migrations.directory.startsWith(`${root}/`),
    ),
  });
  return {
    ...config,
    top: inside(config.top),
    environments: new Map(Array.from(config.environments, ([name, block]) => [name, inside(block)])),
  };
}
