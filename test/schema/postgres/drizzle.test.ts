import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrizzleLine } from '../../../src/migrations/migration.ts';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { fingerprint } from '../../../src/schema/fingerprint.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { kitProject } from '../../support/kit-project.ts';
import { inCode } from './in-code.ts';
import { openPostgres, type Opened } from './opened.ts';

let database: Opened;
beforeAll(async () => {
  database = await openPostgres();
});
afterAll(async () => database[Symbol.asyncDispose]());

/** What the real drizzle-kit of a line makes of a schema in code. */
async function generated(line: DrizzleLine): Promise<Schema> {
  await using project = await kitProject(line);
  await project.write('schema.ts', inCode);
  await project.write(
    'drizzle.config.ts',
    "export default { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', dbCredentials: { url: 'postgres://localhost/shop' } };",
  );
  await (
    await project.session()
  ).generate({
    database: undefined,
    name: 'first',
    terminal: 'none',
    signal: undefined,
  });
  const files = await readdir(project.file('drizzle'), { recursive: true });
  const file = files.find((name) => name.endsWith('.sql')) ?? '';
  const text = await readFile(join(project.file('drizzle'), file), 'utf8');
  const statements = text.split('--> statement-breakpoint');
  expect(statements.length).toBeGreaterThan(20);
  return database.within(statements, async () => readSchema(database.query));
}

test('what both lines of drizzle-kit write for one schema in code means the same', async () => {
  const [zero, one] = [await generated('drizzle-0'), await generated('drizzle-1')];
  expect(compareSchemas(zero, one)).toEqual([]);
  expect(fingerprint(zero)).toBe(fingerprint(one));
});
