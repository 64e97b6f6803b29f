import type { DriftObject, DriftReport } from '../../../src/operations/reports.ts';

/** A table with two differences: a default, and a column. */
export const users: DriftObject = {
  database: 'app',
  type: 'table',
  name: 'users',
  change: 'changed',
  left: "CREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  plan TEXT DEFAULT 'free',\n  team_id INTEGER\n)",
  right:
    "CREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  plan TEXT DEFAULT 'trial',\n  team_id INTEGER,\n  api_key TEXT\n)",
  cause: 'in no migration: set by hand, by the application, or by drizzle-kit push',
  lines: [
    ' CREATE TABLE users (',
    '   id INTEGER PRIMARY KEY,',
    "-  plan TEXT DEFAULT 'free',",
    "+  plan TEXT DEFAULT 'trial',",
    '   team_id INTEGER,',
    '+  api_key TEXT',
    ' )',
  ],
};

export const keys: DriftObject = added('table', 'user_api_keys', {
  cause: '0013_user_api_keys is in local without a record',
});

export const index: DriftObject = {
  database: 'app',
  type: 'index',
  name: 'users_mail_idx',
  change: 'removed',
  left: 'CREATE INDEX users_mail_idx ON users (mail)',
  lines: ['-CREATE INDEX users_mail_idx ON users (mail)'],
};

export function added(type: DriftObject['type'], name: string, more: Partial<DriftObject> = {}): DriftObject {
  const right = `CREATE TABLE ${name} (\n  id INTEGER\n)`;
  const lines = right.split('\n').map((line) => `+${line}`);
  return { database: 'app', type, name, change: 'added', right, lines, ...more };
}

/** What `drift local` says of these, in the order in which it says it. */
export function driftReport(
  objects: readonly DriftObject[] = [users, keys, index],
  more: Partial<DriftReport> = {},
): DriftReport {
  return {
    schemaVersion: 1,
    kind: 'drift',
    equal: objects.length === 0,
    left: 'the migrations of local',
    right: 'local',
    environment: 'local',
    databases: [{ database: 'app', left: 'aa', right: 'bb', same: 42 }],
    objects,
    ignored: [],
    ...more,
  };
}
