import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { readWranglerConfig, type WranglerConfig } from './config.ts';
import { blocksOf } from './databases.ts';
import { readWranglerText } from './text.ts';

/** What lies beside a wrangler configuration and may be taken for it. */
export function wranglerNotes(config: WranglerConfig): readonly string[] {
  return [...newConfiguration(config), ...redirection(config)];
}

function newConfiguration({ folder, file }: WranglerConfig): readonly string[] {
  return existsSync(join(folder, 'cloudflare.config.ts'))
    ? [`cloudflare.config.ts is not read, because it says no folder of migrations; ${basename(file)} is.`]
    : [];
}

/** A build may lead "wrangler deploy" to a configuration of its own; its D1 commands do not follow. */
function redirection(config: WranglerConfig): readonly string[] {
  const file = join(config.folder, '.wrangler', 'deploy', 'config.json');
  if (!existsSync(file)) return [];
  const says = relative(config.folder, file);
  try {
    const { value } = readWranglerText(file);
    const path =
      typeof value === 'object' && value !== null && 'configPath' in value ? value.configPath : undefined;
    if (typeof path !== 'string')
      return [`${says} names no configuration, so "wrangler deploy" will stop there.`];
    const built = resolve(dirname(file), path);
    if (hasSameDatabases(readWranglerConfig(built), config)) return [];
    return [
      `${says} leads "wrangler deploy" to ${relative(config.folder, built)}, whose D1 databases differ; ${basename(config.file)} is read, as by "wrangler d1".`,
    ];
  } catch (error) {
    if (error instanceof MigrateError) return [`${says}: ${error.message}`];
    throw error;
  }
}

/** What is built is one block of the original. */
function hasSameDatabases(built: WranglerConfig, config: WranglerConfig): boolean {
  const ids = ({ databases }: WranglerConfig['top']) =>
    databases
      .map(({ binding, id, name }) => `${binding}=${id ?? name ?? ''}`)
      .toSorted()
      .join();
  return blocksOf(config).some(([, block]) => ids(block) === ids(built.top));
}
