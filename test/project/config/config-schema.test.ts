import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { MigrateError } from '../../../src/lib/errors.ts';
import { parseConfig } from '../../../src/project/config/parse.ts';
import { allRules } from '../../../src/rules/all-rules.ts';
import { fileRules } from '../../../src/rules/file-rules.ts';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../../meta/config.schema.json', import.meta.url), 'utf8'),
);
if (typeof schema !== 'object' || schema === null) throw new Error('The schema is no object.');
const fits = new Ajv2020({ allErrors: true, strictRequired: false }).compile(schema);

const local = { targets: { app: 'file:local.db' } };
const good: readonly unknown[] = [
  {},
  { $schema: './node_modules/migrate-tui/meta/config.schema.json', environments: { local } },
  {
    databases: {
      app: { migrations: 'drizzle', table: 't', tableSchema: 's', bookkeeping: 'drizzle', only: ['*a*'] },
    },
    order: ['app'],
    environments: {
      local,
      remote: {
        targets: { app: { url: 'env:URL', authToken: 'env:TOKEN' } },
        protected: true,
        readOnly: false,
        after: 'local',
        soak: '1.5h',
        from: 'ci',
        policy: 'additive',
        rehearse: 'in-target',
        backup: 'external',
        timeouts: { connect: '500ms', busy: '2s' },
        invariants: { a: 'SELECT 1', b: { sql: 'SELECT 2', database: 'app', within: 0.5 } },
      },
      d1: { targets: { app: { d1: 'name', token: 'env:T', account: 'a', wranglerEnv: 'p' } } },
      'd1-local': { targets: { app: { d1Local: 'DB', persistTo: 'x' } } },
      'postgres-url': { targets: { app: 'postgres://u@h:5433/d?sslmode=require' } },
      'postgres-whole': { targets: { app: { postgres: 'env:URL', scratch: 'postgresql://h/postgres' } } },
      'postgres-beside': { targets: { app: { postgres: { url: 'postgres://u@h/d', password: 'env:P' } } } },
      'postgres-parts': {
        targets: {
          app: { postgres: { host: '/run', port: 5433, user: 'u', database: 'd', ssl: 'require' } },
        },
      },
      pglite: { targets: { app: 'pglite:./data' } },
    },
    ledger: 'libsql://ledger.example.io',
    backups: { to: 'x', keep: '7d', key: ['env:K', 'env:OLD'] },
    hooks: { beforeBackup: 'a', afterVerify: { local: 'b' } },
    installations: 'known',
    seed: { local: 'npm run seed' },
    ignoreDrift: [{ object: 'table scratch_*', reason: 'made by the report job' }],
    masks: { 'users.email': 'hash', '*.phone': 'null', 'users.name': 'keep' },
    notify: [
      { url: 'env:CHAT', on: ['started', 'failed'], environments: ['local'] },
      { command: ['node', 'tell.js'] },
    ],
    rules: { 'drop-column': 'off', 'older-time': 'warning' },
  },
  { theme: 'colour-blind' },
  {
    theme: {
      from: 'plain',
      ok: 'blueBright',
      fault: 'underline bold #d55e00 italic',
      'sql.comment': 'plain',
    },
  },
];

const bad: readonly unknown[] = [
  { environment: {} },
  { databases: { 'a/b': {} } },
  { databases: { app: { migration: 'x' } } },
  { environments: { local: { ...local, protected: 'yes' } } },
  { environments: { local: { ...local, soak: '24' } } },
  { environments: { local: { ...local, rehearse: 'never' } } },
  { environments: { local: { targets: { app: { url: 'env:A', authToken: 'literal' } } } } },
  { environments: { local: { targets: { app: 'libsql://h?authToken=literal' } } } },
  { environments: { local: { targets: { app: { d1: 'a', token: 'literal' } } } } },
  { environments: { local: { targets: { app: 3 } } } },
  { environments: { local: { targets: { app: 'postgres://u:literal@h/d' } } } },
  { environments: { local: { targets: { app: 'postgres://u:lite/ral@h/d' } } } },
  { environments: { local: { targets: { app: { postgres: { database: 'd', password: 'literal' } } } } } },
  { environments: { local: { targets: { app: { postgres: { host: 'h' } } } } } },
  { environments: { local: { targets: { app: { postgres: { url: 'postgres://h/d', host: 'h' } } } } } },
  { environments: { local: { targets: { app: { postgres: { database: 'd', port: 0 } } } } } },
  { environments: { local: { targets: { app: { postgres: { database: 'd', ssl: 'never' } } } } } },
  { environments: { local: { targets: { app: { postgres: 'env:URL', scratch: true } } } } },
  { environments: { local: { ...local, invariants: { a: { within: 1 } } } } },
  { backups: { keep: 7 } },
  { ignoreDrift: [{ object: 'scratch' }] },
  { ignoreDrift: ['scratch'] },
  { hooks: { beforeDeploy: 'a' } },
  { order: 'app' },
  { notify: {} },
  { notify: { url: 'https://hooks.example.org/literal' } },
  { notify: { url: 'env:CHAT', command: ['tell'] } },
  { notify: [{ url: 'env:CHAT', on: ['ended'] }] },
  { notify: { command: [] } },
  { notify: { command: 'tell' } },
  { theme: 'dark' },
  { theme: { warning: 'yellow' } },
  { theme: { ok: 'green blue' } },
  { theme: { ok: 'teal' } },
  { theme: ['plain'] },
  { installations: 'some' },
  { rules: { 'drop-column': 'loud' } },
  { rules: ['drop-column'] },
  { masks: { 'users.email': 'blur' } },
  { masks: { users: 'hash' } },
  { masks: { 'users.*': 'hash' } },
];

test.for(good.map((config) => [JSON.stringify(config).slice(0, 60), config] as const))(
  'editors and the program both accept %s',
  ([, config]) => {
    expect(fits(config), JSON.stringify(fits.errors)).toBe(true);
    expect(() => parseConfig('/p/migrate-tui.config.json', config)).not.toThrow();
  },
);

test.for(bad.map((config) => [JSON.stringify(config), config] as const))(
  'editors and the program both refuse %s',
  ([, config]) => {
    expect(fits(config)).toBe(false);
    expect(() => parseConfig('/p/migrate-tui.config.json', config)).toThrow(MigrateError);
  },
);

test('the rules that the schema offers are all that there are', () => {
  const ids = [...allRules, ...fileRules].map(({ id }) => id);
  expect(schema).toMatchObject({ properties: { rules: { propertyNames: { enum: ids } } } });
});
