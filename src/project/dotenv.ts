import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { MigrateError } from '../lib/errors.ts';

/** Environment variables by name, as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables that an environment sees: the process's own win over `.env.<environment>`, which wins
 * over `.env`. Files that are not there count as empty. Throws `config` for one that cannot be read.
 */
export function variablesFor(folder: string, environment: string | undefined, process: Variables): Variables {
  const named = environment === undefined ? {} : readEnvFile(join(folder, `.env.${environment}`));
  return { ...readEnvFile(join(folder, '.env')), ...named, ...process };
}

function readEnvFile(file: string): Variables {
  try {
    const text = readFileSync(file, 'utf8');
    return parseEnv(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return {};
    throw new MigrateError('config', `${file} cannot be read: ${String(code ?? error)}.`, {
      next: 'Make it readable, or move it away.',
      cause: error,
    });
  }
}
