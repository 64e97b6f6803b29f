// The floor: the same statements and the same record, one transaction a migration, and nothing else. argv: URL, folder.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

const [connectionString, folder = ''] = process.argv.slice(2);
const client = new Client({ connectionString });
await client.connect();
await client.query('CREATE SCHEMA IF NOT EXISTS drizzle');
await client.query(
  'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
);
const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
  readFileSync(join(folder, 'meta/_journal.json'), 'utf8'),
);
for (const { tag, when } of journal.entries) {
  const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  await client.query('BEGIN');
  for (const statement of text.split('--> statement-breakpoint')) await client.query(statement);
  await client.query('INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)', [
    hash,
    when,
  ]);
  await client.query('COMMIT');
}
await client.end();
