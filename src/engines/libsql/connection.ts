import type { Client } from '@libsql/client/sqlite3';
import type { ForeignKeysSetting } from './foreign-keys.ts';

/** The one connection of a client, and what its setting of foreign keys is known to be. */
export interface Connection {
  readonly client: Client;
  /** Asked once: only `setForeignKeys` changes it. */
  foreignKeys(): Promise<ForeignKeysSetting>;
  setForeignKeys(value: ForeignKeysSetting): Promise<void>;
  /** The setting as a transaction read it back; undefined: none has since it was last changed. */
  proven: ForeignKeysSetting | undefined;
  /** Gives the connection up for a new one, with SQLite's own settings. */
  renew(): void;
}

export function oneConnection(client: Client): Connection {
  let known: ForeignKeysSetting | undefined;
  const connection: Connection = {
    client,
    proven: undefined,
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
      connection.proven = undefined;
    },
    renew() {
      known = undefined;
      connection.proven = undefined;
      client.reconnect();
    },
  };
  return connection;
}

export function settingForeignKeys(value: ForeignKeysSetting): string {
  return `PRAGMA foreign_keys = ${value}`;
}
