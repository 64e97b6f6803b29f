import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPackage, programOf } from '../support/built-package.ts';
import { everyFile } from '../support/every-file.ts';
import { freePort } from '../support/free-port.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { startResident } from '../support/resident.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { TestTerminal } from '../support/terminal.ts';

/** With what URLs, shells, SQL and JSON write in another way. */
const password = `p%41@ss/w:ö?#☃ 'x'"y"\\z&=+`;
/** One that the server does not take. */
const wrong = `wr%6fng@/: ☃'"\\&=+`;

let server: PostgresServer;
let project: SmallProject;
let built: string;
beforeAll(async () => {
  built = await builtPackage();
  server = await postgresServer();
  await using client = await server.connect();
  const name = 'shop';
  await client.query(
    `CREATE ROLE keeper LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}; CREATE ROLE guest LOGIN`,
  );
  await client.query(`CREATE DATABASE ${name} OWNER keeper`);
  project = smallProject('empty', 'postgresql');
  project.configure({
    environments: {
      staging: { targets: { app: 'env:STAGING_URL' } },
      wrong: { targets: { app: 'env:WRONG_URL' } },
      parts: {
        targets: {
          app: {
            postgres: {
              host: '127.0.0.1',
              port: server.port,
              user: 'keeper',
              password: 'env:PG_PASSWORD',
              database: name,
            },
          },
        },
      },
    },
  });
  project.add('0000_teams', [
    'CREATE TABLE teams (id serial PRIMARY KEY, name text NOT NULL);',
    'GRANT SELECT ON teams TO guest;',
    "INSERT INTO teams (name) VALUES ('red'), ('blue');",
  ]);
}, 120_000);
afterAll(async () => {
  project[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** The password as it stands in each kind of text that could quote it. */
const spelled = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  encodeURI(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("'", "''"),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
];

/** Enough of it to try the rest out. */
const secrets = [...[password, wrong].flatMap(spelled), 'p%41', 'p%2541', 'wr%6f', 'wr%256f'];

function url({
  secret = password,
  host = '127.0.0.1',
  port = server.port,
  database = 'shop',
  more = '',
} = {}) {
  return `postgres://keeper:${encodeURIComponent(secret)}@${host}:${port}/${database}${more}`;
}

function at(given: Readonly<Record<string, string>> = {}) {
  return {
    cwd: project.root,
    env: { ...project.env, STAGING_URL: url(), WRONG_URL: '', PG_PASSWORD: password, ...given },
  };
}

test('the screen of a project on PostgreSQL, with its command log, holds no password, also not a wrong one', async () => {
  const { env, cwd } = at({ WRONG_URL: url({ secret: wrong }) });
  await using screen = new TestTerminal(process.execPath, [programOf(built)], { cwd, env });
  await screen.shows('unreachable');
  await screen.press('@');
  await screen.shows('── commands');
  await screen.press('enter');
  const inFull = /UTC, \w+, sql, read, /;
  await screen.shows(inFull);
  await screen.press('esc');
  await screen.until('the log again', (text) => !inFull.test(text));
  await screen.press('@');
  await screen.until('no log', (text) => !text.includes('── commands'));
  await screen.press('?');
  await screen.shows('keys of');
  await screen.press('esc');
  await screen.until('the matrix again', (text) => !text.includes('keys of'));
  await screen.press('2', 'enter');
  await screen.shows('› 0000_teams');
  for (const secret of secrets) expect(screen.raw).not.toContain(secret);
  // Longer than the wait for a text, whose failure says what the screen shows.
}, 180_000);

test('nor does an output, a file or a log, whatever goes wrong', async () => {
  await using cli = startResident();
  let printed = '';
  const run = async (command: string, given: Readonly<Record<string, string>> = {}) => {
    const ended = await cli.run(command.split(' '), at(given));
    printed += ended.stdout + ended.stderr;
    return ended;
  };
  expect((await run('deploy staging --yes --json --show-values')).exitCode).toBe(0);
  expect((await run('status parts')).stdout).toContain('current');
  for (const question of [
    'status --json --show-values',
    'plan staging --json',
    'verify staging --json',
    'doctor',
    'doctor --json',
    'backups staging --json',
    'schema staging',
    'show 1 --json',
    'dry-run parts --json',
  ]) {
    await run(question);
  }
  const nobody = await freePort();
  const faults = {
    'a wrong password': { STAGING_URL: url({ secret: wrong }), PG_PASSWORD: wrong },
    'a port where nothing listens': { STAGING_URL: url({ port: nobody }) },
    'a host that nobody knows': { STAGING_URL: url({ host: 'nowhere.invalid' }) },
    'a database that is not there': { STAGING_URL: url({ database: 'nobody' }) },
    'TLS that the server has not': { STAGING_URL: url({ more: '?sslmode=verify-full' }) },
    'a mode of TLS that does not exist': { STAGING_URL: url({ more: '?sslmode=perhaps' }) },
    'a password among the parameters': {
      STAGING_URL: `postgres://keeper@127.0.0.1:${nobody}/shop?password=${encodeURIComponent(password)}`,
    },
    'a password that is not encoded': {
      STAGING_URL: `postgres://keeper:${password}@127.0.0.1:${server.port}/shop`,
    },
    'half an encoding': { STAGING_URL: `postgres://keeper:p%41%zz☃@127.0.0.1:${server.port}/shop` },
    'a URL of another kind': { STAGING_URL: url().replace('postgres:', 'mysql:') },
  };
  project.add('0001_wrong', ["INSERT INTO teams (id, name) VALUES (1, 'red');"]);
  for (const [fault, given] of Object.entries(faults)) {
    const failed = await run('deploy staging --yes', given);
    expect(failed.exitCode, fault).not.toBe(0);
    await run('status --json --show-values', given);
  }
  await run('doctor --json', faults['a wrong password']);
  expect((await run('deploy staging --yes')).exitCode).toBe(4);
  expect((await run('apply staging --yes --json --show-values')).exitCode).toBe(1);
  for (const question of ['runs --json', 'show 2 --json', 'recover staging', 'query staging SELECT']) {
    await run(question);
  }
  rmSync(join(project.root, 'migrate-tui.config.json'));
  writeFileSync(
    join(project.root, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', out: './drizzle', dbCredentials: { url: '' } }),
  );
  await run('init', { DATABASE_URL: url() });
  await run('status --json', { DATABASE_URL: url() });

  const files = await everyFile(dirname(project.root));
  expect(files.some(({ path }) => path.endsWith('app.pgdump'))).toBe(true);
  expect(files.some(({ path }) => path.endsWith('ledger.db'))).toBe(true);
  expect(printed.length).toBeGreaterThan(10_000);
  expect(printed).toContain('keeper@127.0.0.1');
  for (const secret of secrets) {
    expect(printed).not.toContain(secret);
    for (const { path, bytes } of files) expect(bytes.includes(secret), `${secret} in ${path}`).toBe(false);
  }
}, 180_000);
