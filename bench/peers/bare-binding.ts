// What no Node program on libSQL can be under: the same transactions through the native binding, without a client.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// The one that the client brings along.
const Database = createRequire(import.meta.resolve('@libsql/client'))('libsql');

const [file = '', folder = ''] = process.argv.slice(2);
const database = new Database(file);
database.exec(
  'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
);
const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
  readFileSync(join(folder, 'meta/_journal.json'), 'utf8'),
);
const record = database.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)');
for (const { tag, when } of journal.entries) {
  const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
  database.exec('BEGIN IMMEDIATE');
  for (const statement of text.split('--> statement-breakpoint')) database.exec(statement);
  record.run(createHash('sha256').update(text).digest('hex'), when);
  database.exec('COMMIT');
}
database.close();
