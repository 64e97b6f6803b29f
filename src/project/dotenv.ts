import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf } from '../lib/error-code.ts';
import { MigrateError } from '../lib/errors.ts';

/** Environment variables by name, as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables that an environment sees: the process's own win over `.env.<environment>`, which wins
 * over `.env`; last come wrangler's `.dev.vars.<environment>` and `.dev.vars`. Files that are not there count
 * as empty. Throws `config` for one that cannot be read.
 */
export function variablesFor(folder: string, environment: string | undefined, process: Variables): Variables {
  return Object.assign({}, ...variableLayers(folder, environment, process).toReversed());
}

/** The same, one for each place where a variable may be set, the first to win. */
export function variableLayers(
  folder: string,
  environment: string | undefined,
  process: Variables,
): readonly Variables[] {
  const files = ['.env', '.dev.vars'].flatMap((name) =>
    environment === undefined ? [name] : [`${name}.${environment}`, name],
  );
  return [process, ...files.map((name) => readEnvFile(join(folder, name)))];
}

/** Only what stands in files of this environment: it says nothing about any other. */
export function ownLayers(folder: string, environment: string): readonly Variables[] {
  return ['.env', '.dev.vars'].map((name) => readEnvFile(join(folder, `${name}.${environment}`)));
}

/** The first of these variables that is set; where two are, the place that wins decides before the name. */
export function firstOf(layers: readonly Variables[], names: readonly string[]): string | undefined {
  for (const layer of layers) {
    const name = names.find((one) => layer[one]);
    if (name !== undefined) return layer[name];
  }
  return undefined;
}

function readEnvFile(file: string): Variables {
  try {
    const text = readFileSync(file, 'utf8');
    return parseEnv(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return {};
    throw new MigrateError('config', `${file} cannot be read: ${code ?? String(error)}.`, {
      next: 'Make it readable, or move it away.',
      cause: error,
    });
  }
}
