import { drizzle as open0 } from 'drizzle-orm/node-postgres';
import { migrate as migrate0 } from 'drizzle-orm/node-postgres/migrator';
import type { Client } from 'pg';
import { drizzle as open1 } from '../peers/drizzle-1/node_modules/drizzle-orm/node-postgres/index.js';
import { migrate as migrate1 } from '../peers/drizzle-1/node_modules/drizzle-orm/node-postgres/migrator.js';

/** Both lines of drizzle-orm as a project's own code would call them on PostgreSQL. */
export const drizzleLinesOnPostgres = {
  'drizzle-0': async (client: Client, where: DrizzleTable): Promise<void> => {
    await migrate0(open0(client), config(where));
  },
  'drizzle-1': async (client: Client, where: DrizzleTable): Promise<void> => {
    await migrate1(open1({ client }), config(where));
  },
} as const;

interface DrizzleTable {
  /** Of the migrations. */
  readonly folder: string;
  readonly schema?: string;
  readonly table?: string;
}

function config({ folder, schema, table }: DrizzleTable) {
  return {
    migrationsFolder: folder,
    ...(schema === undefined ? {} : { migrationsSchema: schema }),
    ...(table === undefined ? {} : { migrationsTable: table }),
  };
}
