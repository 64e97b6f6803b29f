import { basename } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import type { KeyPath } from './text.ts';

/** An object of the file, its keys not looked at yet. */
export type Table = Readonly<Record<string, unknown>>;

/** Takes values of the right kind out of one file; for a wrong one throws `config` with its line and key. */
export class WranglerReader {
  readonly file: string;
  readonly #lineOf: (path: KeyPath) => number | undefined;

  constructor(file: string, lineOf: (path: KeyPath) => number | undefined) {
    this.file = file;
    this.#lineOf = lineOf;
  }

  table(value: unknown, path: KeyPath): Table {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    // wrangler takes an empty file for one that says nothing.
    if (value === undefined && path.length === 0) return {};
    throw this.bad(path, 'must be a table of keys', 'Correct it');
  }

  list(value: unknown, path: KeyPath): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.bad(path, 'must be a list', 'Write one entry for each database');
  }

  text(value: unknown, path: KeyPath): string | undefined {
    if (value === undefined || typeof value === 'string') return value;
    throw this.bad(path, 'must be a text', 'Correct it');
  }

  flag(value: unknown, path: KeyPath): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    throw this.bad(path, 'must be true or false', 'Correct it');
  }

  bad(path: KeyPath, problem: string, fix: string): MigrateError {
    const line = this.#lineOf(path);
    const place = line === undefined ? '' : `:${line}`;
    return new MigrateError('config', `${basename(this.file)}${place}: ${shown(path)} ${problem}.`, {
      next: `${fix} in ${this.file}.`,
    });
  }
}

/** `env.staging.d1_databases[0].binding` */
function shown(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'The file';
}
