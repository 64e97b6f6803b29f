import { MigrateError } from '../../../src/lib/errors.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { copyPostgres } from '../../../src/runs/postgres/copy.ts';

// Copies a database into a file, and says how that ended.
const [url = '', password = '', to = ''] = process.argv.slice(2);
const ended = await copyPostgres({ kind: 'postgres', url, password: new Secret(password) }, to, {
  look: () => Promise.resolve(),
  permit: () => undefined,
  signal: new AbortController().signal,
  onProgress: () => undefined,
}).then(
  () => 'done',
  (error: unknown) => (error instanceof MigrateError ? error.code : String(error)),
);
process.stdout.write(`${ended}\n`);
