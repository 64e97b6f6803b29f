import type { Client } from '@libsql/client/sqlite3';
import type { ForeignKeysSetting } from './foreign-keys.ts';

/** The one connection of a client, and what its setting of foreign keys is known to be. */
export interface Connection {
  readonly client: Client;
  /** Asked once: only `setForeignKeys` changes it. */
  foreignKeys(): Promise<ForeignKeysSetting>;
  setForeignKeys(value: ForeignKeysSetting): Promise<void>;
  /** Gives the connection up for a new one, with SQLite's own settings. */
  renew(): void;
}

export function oneConnection(client: Client): Connection {
  let known: ForeignKeysSetting | undefined;
  return {
    client,
    async foreignKeys() {
      if (known === undefined) {
        const { rows } = await client.execute('PRAGMA foreign_keys');
        known = rows[0]?.[0] === 1n ? 'on' : 'off';
      }
      return known;
    },
    async setForeignKeys(value) {
      await client.execute(settingForeignKeys(value));
      known = value;
    },
    renew() {
      known = undefined;
      client.reconnect();
    },
  };
}

export function settingForeignKeys(value: ForeignKeysSetting): string {
  return `PRAGMA foreign_keys = ${value}`;
}
