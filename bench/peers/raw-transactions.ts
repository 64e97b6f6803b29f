// The floor: the same statements and the same record, one transaction a migration, and nothing else.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';

const [file, folder = ''] = process.argv.slice(2);
const client = createClient({ url: `file:${file}` });
await client.execute(
  'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
);
const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
  readFileSync(join(folder, 'meta/_journal.json'), 'utf8'),
);
for (const { tag, when } of journal.entries) {
  const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  const statements = text.split('--> statement-breakpoint');
  const record = {
    sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)',
    args: [hash, when],
  };
  await client.batch([...statements, record], 'write');
}
client.close();
