// The script that Drizzle's documentation tells to write: argv is the database file and the migration folder.
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';

const [file, migrationsFolder = ''] = process.argv.slice(2);
await migrate(drizzle({ connection: `file:${file}` }), { migrationsFolder });
