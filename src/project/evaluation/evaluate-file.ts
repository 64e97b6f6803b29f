import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import type { Variables } from '../dotenv.ts';
import { evaluate, type UnsetVariables } from './evaluate.ts';
import { cacheFolder } from './cache.ts';

/** What a configuration file exports: read as JSON, or evaluated in a process of its own. Throws `config`. */
export async function evaluateFile(options: {
  readonly file: string;
  /** Keeps evaluations of one file with the variables of several environments apart. */
  readonly environment: string | undefined;
  /** What the file sees. */
  readonly variables: Variables;
  /** The variables of this process: where the cache lies. */
  readonly env: Variables;
  readonly unset?: UnsetVariables | undefined;
  readonly signal: AbortSignal | undefined;
}): Promise<unknown> {
  const { file, env, ...rest } = options;
  return file.endsWith('.json') ? readJson(file) : evaluate({ ...rest, file, cache: cacheFolder(env) });
}

function readJson(file: string): unknown {
  const result = parseJson(readText(file));
  if (result.kind === 'read') return result.value;
  throw new MigrateError(
    'config',
    `${basename(file)} is not JSON: ${result.reason} (line ${result.line}, column ${result.column}).`,
    {
      next: `Correct ${file}.`,
    },
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    throw new MigrateError('config', `${file} cannot be read: ${code}.`, {
      next: 'Make it readable.',
      cause: error,
    });
  }
}
