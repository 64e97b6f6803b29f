import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import type { Pull } from '../../src/session/kit/pull.ts';
import { cli, startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { untilSaid } from '../support/until-said.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('pull with the drizzle-kit of %s', (line) => {
  test('writes the schema that a database has, and a first migration where there is none', async () => {
    await using project = await kitProject(line);
    await database(project, ['CREATE TABLE authors (id integer PRIMARY KEY, name text)']);
    const pulled = await pull(project);
    expect(pulled.first).toBe('made');
    expect(pulled.written.map(({ file }) => file)).toContain('drizzle/schema.ts');
    expect(await readFile(project.file('drizzle/schema.ts'), 'utf8')).toContain('sqliteTable("authors"');
    expect(
      (await readdir(project.file('drizzle'), { recursive: true })).some((file) => file.endsWith('.sql')),
    ).toBe(true);
  }, 60_000);

  test('adds no migration to a folder that has some, and replaces a file only with consent', async () => {
    await using project = await kitProject(line);
    await database(project, ['CREATE TABLE authors (id integer PRIMARY KEY, name text)']);
    await pull(project);
    const files = (await readdir(project.file('drizzle'), { recursive: true })).toSorted();
    expect(await pull(project)).toMatchObject({ written: [], first: 'not-made' });
    await database(project, ['CREATE TABLE books (id integer PRIMARY KEY)']);
    await expect(pull(project)).rejects.toMatchObject({
      code: 'refused',
      next: expect.stringContaining('migrate-tui pull local --yes'),
    });
    expect(await readFile(project.file('drizzle/schema.ts'), 'utf8')).not.toContain('books');
    expect((await pull(project, 'given')).written).toContainEqual({
      file: 'drizzle/schema.ts',
      how: 'changed',
    });
    expect(await readFile(project.file('drizzle/schema.ts'), 'utf8')).toContain('books');
    expect((await readdir(project.file('drizzle'), { recursive: true })).toSorted()).toEqual(files);
  }, 60_000);
});

test('a database that does not exist is not made by pulling it', async () => {
  await using project = await kitProject('drizzle-0');
  await expect(pull(project)).rejects.toMatchObject({ code: 'not-found' });
  expect(existsSync(project.file('app.db'))).toBe(false);
});

test('studio listens until it is interrupted, and ends with 0', async () => {
  await using project = await kitProject('drizzle-0');
  await database(project, ['CREATE TABLE authors (id integer PRIMARY KEY)']);
  const child = startCli(['studio', 'local', '--port', String(await freePort())], {
    cwd: project.path,
    env: { XDG_STATE_HOME: project.file('state') },
  });
  const said = await untilSaid(child, 'up and running');
  expect(said).toContain('up and running');
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
}, 60_000);

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'pull with the drizzle-kit of %s and studio reach a libSQL server with its token',
  async (line) => {
    const token = 'tok-9f8e7d6c5b4a';
    await using project = await kitProject(line);
    await using server = await startHranaServer({ token });
    const client = createClient({ url: server.url, authToken: token });
    await client.execute('CREATE TABLE authors (id integer PRIMARY KEY, name text)');
    client.close();
    await project.write(
      'migrate-tui.config.json',
      JSON.stringify({
        databases: { app: { migrations: 'drizzle' } },
        environments: { staging: { targets: { app: { url: server.url, authToken: 'env:STAGING_TOKEN' } } } },
      }),
    );
    const options = {
      cwd: project.path,
      env: { XDG_STATE_HOME: project.file('state'), STAGING_TOKEN: token },
    };
    const pulled = await cli(['pull', 'staging'], options);
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    expect(await readFile(project.file('drizzle/schema.ts'), 'utf8')).toContain('sqliteTable("authors"');
    const child = startCli(['studio', 'staging', '--port', String(await freePort())], options);
    const said = await untilSaid(child, 'up and running');
    expect(said).toContain('up and running');
    expect(`${pulled.stdout}${pulled.stderr}${said}`).not.toContain(token);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  },
  60_000,
);

test('studio on a protected environment needs its name', async () => {
  await using project = await kitProject('drizzle-0');
  await project.write(
    'migrate-tui.config.json',
    JSON.stringify({
      databases: { app: { migrations: 'drizzle' } },
      environments: { production: { protected: true, targets: { app: 'file:app.db' } } },
    }),
  );
  await using session = await project.session();
  const opening = session.studio({
    environment: 'production',
    database: undefined,
    port: undefined,
    confirmed: undefined,
    onLine: () => undefined,
    signal: new AbortController().signal,
  });
  await expect(opening).rejects.toMatchObject({
    code: 'not-confirmed',
    next: expect.stringContaining('migrate-tui studio production --confirm production'),
  });
});

async function pull(project: KitProject, consent: 'given' | 'not-given' = 'not-given'): Promise<Pull> {
  await using session = await project.session();
  return await session.pull({ environment: 'local', database: undefined, consent, signal: undefined });
}

async function database(project: KitProject, statements: readonly string[]): Promise<void> {
  const client = createClient({ url: `file:${project.file('app.db')}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}
