import type { Client } from '@libsql/client';
import { drizzle as open0 } from 'drizzle-orm/libsql';
import { migrate as migrate0 } from 'drizzle-orm/libsql/migrator';
import { readMigrationFiles as read0 } from 'drizzle-orm/migrator';
import { drizzle as open1 } from '../peers/drizzle-1/node_modules/drizzle-orm/libsql/index.js';
import { migrate as migrate1 } from '../peers/drizzle-1/node_modules/drizzle-orm/libsql/migrator.js';
import { readMigrationFiles as read1 } from '../peers/drizzle-1/node_modules/drizzle-orm/migrator.js';

/** Both lines of drizzle-orm as a project's own code would call them. */
export const drizzleLines = {
  'drizzle-0': {
    read: (folder: string): readonly DrizzleFile[] => read0({ migrationsFolder: folder }),
    migrate: async (client: Client, folder: string, table?: string): Promise<void> => {
      await migrate0(open0(client), config(folder, table));
    },
  },
  'drizzle-1': {
    read: (folder: string): readonly DrizzleFile[] => read1({ migrationsFolder: folder }),
    migrate: async (client: Client, folder: string, table?: string): Promise<void> => {
      await migrate1(open1({ client }), config(folder, table));
    },
  },
} as const;

interface DrizzleFile {
  readonly sql: readonly string[];
  readonly folderMillis: number;
  readonly hash: string;
  readonly name?: string;
}

function config(folder: string, table: string | undefined) {
  return { migrationsFolder: folder, ...(table === undefined ? {} : { migrationsTable: table }) };
}
