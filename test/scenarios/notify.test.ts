import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { filesHolding } from '../support/files-holding.ts';
import { freePort } from '../support/free-port.ts';
import { startProgram } from '../support/program.ts';
import { startResident, type Answered, type Resident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { secretPath, webhook, type Webhook } from '../support/webhook.ts';

let resident: Resident;
let project: SmallProject;
beforeAll(() => {
  resident = startResident();
});
afterAll(() => resident[Symbol.asyncDispose]());
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

const toWebhook = { url: 'env:CHAT_WEBHOOK' };

test('a deploy that is done is told once, when its lock is free again', async () => {
  const leases: unknown[] = [];
  await using chat = await webhook((response) => {
    leases.push(lease());
    response.end('ok');
  });
  project.configure({ notify: toWebhook });
  expect(await run(chat, 'deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  expect(chat.messages).toEqual([
    {
      path: expect.stringContaining(secretPath),
      type: 'application/json; charset=utf-8',
      body: expect.objectContaining({
        text: expect.stringMatching(
          /^small: staging is at 0001_members: 2 migrations applied and verified\. Run 1 \(deploy\) of [^ ]+, [^,]+\.$/,
        ),
        kind: 'done',
        run: 1,
        operation: 'deploy',
        environment: 'staging',
        databases: ['app'],
        applied: [
          { database: 'app', tag: '0000_teams' },
          { database: 'app', tag: '0001_members' },
        ],
        exitCode: 0,
        tool: expect.stringMatching(/^migrate-tui \d/),
      }),
    },
  ]);
  expect(misfits('notification', chat.messages[0]?.body)).toEqual([]);
  expect(leases).toEqual([null]);
});

test('where nothing is to be done, nobody agreed, or only copies are touched, nobody is told', async () => {
  await using chat = await webhook();
  project.configure({ notify: { ...toWebhook, on: ['started', 'done', 'failed'] } });
  expect(await run(chat, 'dry-run', 'staging')).toMatchObject({ exitCode: 0 });
  expect(await run(chat, 'deploy', 'staging')).toMatchObject({ exitCode: 4 });
  expect(await run(chat, 'apply', 'production', '--yes')).toMatchObject({ exitCode: 4 });
  expect(chat.messages).toEqual([]);
  expect(await run(chat, 'deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  const before = chat.messages.length;
  expect(await run(chat, 'backup', 'staging')).toMatchObject({ exitCode: 0 });
  expect(await run(chat, 'deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  expect(chat.messages).toHaveLength(before);
});

test('a deploy whose dry-run lost rows is refused to whoever began it, and told to nobody else', async () => {
  await using chat = await webhook();
  project.configure({ notify: toWebhook });
  project.add('0002_rows', [
    "INSERT INTO teams (id, name) VALUES (77, 'red');",
    'INSERT INTO members (team_id) VALUES (77);',
  ]);
  expect(await run(chat, 'apply', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  project.add('0003_wipe', ['DELETE FROM teams WHERE id = 77;']);
  expect(await run(chat, 'deploy', 'staging', '--yes', '--json')).toMatchObject({
    exitCode: 4,
    last: { code: 'rows-lost' },
  });
  expect(chat.messages.map(({ body }) => body['operation'])).toEqual(['apply']);
});

test('each receiver is told of the occasions and environments that it is for, the beginning before the end', async () => {
  await using chat = await webhook();
  project.configure({
    notify: [
      { ...toWebhook, on: ['started', 'failed'], environments: ['staging'] },
      { ...toWebhook, on: ['done'] },
      { ...toWebhook, on: ['failed'] },
      { ...toWebhook, environments: ['production'] },
    ],
  });
  expect(await run(chat, 'deploy', 'staging', '--yes')).toMatchObject({ exitCode: 0 });
  expect(chat.messages.map(({ body }) => body['kind'])).toEqual(['started', 'done']);
  expect(chat.messages[0]?.body['text']).toMatch(/^small: deploy staging begins\. Run 1 \(deploy\) of /);
  expect(misfits('notification', chat.messages[0]?.body)).toEqual([]);
  expect(await run(chat, 'deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  expect(chat.messages.map(({ body }) => [body['kind'], body['environment']]).slice(2)).toEqual([
    ['done', 'local'],
  ]);
});

test('a migration that fails is told with its name, without a value of a row or its SQL, when its lock is free again', async () => {
  const leases: unknown[] = [];
  await using chat = await webhook((response) => {
    leases.push(lease());
    response.end('ok');
  });
  project.configure({ notify: toWebhook });
  project.add('0002_full', ["INSERT INTO teams (id, name) VALUES (77, 'row-value-of-ada'), (77, 'twice');"]);
  project.add('0003_later', ['CREATE TABLE later (id integer PRIMARY KEY);']);
  expect(await run(chat, 'apply', 'staging', '--yes', '--show-values')).toMatchObject({ exitCode: 5 });
  const [message] = chat.messages;
  expect(message?.body).toMatchObject({
    text: expect.stringMatching(
      /^small: apply staging failed at 0002_full, statement 1 \(app\); 2 migrations applied, 1 migration not begun\. Run 1 \(apply\) of .* migrate-tui show 1 says why\.$/,
    ),
    kind: 'failed',
    code: 'stopped-part-way',
    failed: { database: 'app', tag: '0002_full' },
    step: { step: 'migrate', database: 'app', tag: '0002_full', statement: 1 },
    notBegun: [{ database: 'app', tag: '0003_later' }],
  });
  expect(JSON.stringify(message)).not.toMatch(/row-value|INSERT|UNIQUE/);
  expect(leases).toEqual([null]);
  expect(misfits('notification', message?.body)).toEqual([]);
});

test('a dry-run that fails inside a deploy is told as failed, with every target as before', async () => {
  await using chat = await webhook();
  project.configure({ notify: toWebhook });
  project.add('0002_wrong', ['ALTER TABLE nothing ADD x integer;']);
  expect(await run(chat, 'deploy', 'staging', '--yes')).toMatchObject({ exitCode: 4 });
  expect(chat.messages).toMatchObject([
    {
      body: {
        kind: 'failed',
        text: expect.stringContaining(
          'deploy staging failed in its dry-run at 0002_wrong, statement 1 (app); every target is as it was before.',
        ),
        step: { step: 'dry-run', database: 'app', tag: '0002_wrong', statement: 1 },
      },
    },
  ]);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a run that %s interrupts is told as interrupted',
  async (signal) => {
    await using chat = await webhook();
    project.configure({ notify: toWebhook });
    addSlow();
    await using running = await startProgram(['deploy', 'staging', '--yes', '--json'], {
      cwd: project.root,
      env: { ...project.env, CHAT_WEBHOOK: chat.url },
    });
    await running.line(
      ({ step, kind, tag, number }) =>
        kind === 'statement' && step === 'migrate' && tag === '0002_slow' && number === 2,
    );
    running.signal(signal);
    expect((await running.ended).exitCode).toBe(5);
    expect(chat.messages).toMatchObject([
      {
        body: {
          kind: 'interrupted',
          text: expect.stringContaining(
            'deploy staging was interrupted at 0002_slow (app); 2 migrations applied.',
          ),
          exitCode: 5,
        },
      },
    ]);
  },
);

const badServers: readonly (readonly [string, string, Parameters<typeof webhook>[0]])[] = [
  ['answers 500', 'it answered 500', (response) => response.writeHead(500).end(`no ${secretPath}`)],
  ['never answers', 'it did not answer within 4 s', () => undefined],
  [
    'sends its caller elsewhere',
    'it answered 302',
    (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  ],
  ['hangs up', 'there was no connection', (response) => response.destroy()],
  [
    'answers without an end',
    '',
    (response) => {
      response.writeHead(200).write('o');
    },
  ],
];

test.each(badServers)(
  'a server that %s changes nothing in the run, and nothing that is kept or said holds its address',
  async (_what, why, answer) => {
    await using chat = await webhook(answer);
    project.configure({ notify: toWebhook });
    const ended = await run(chat, 'deploy', 'staging', '--yes', '--json');
    expect(ended).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(chat.messages).toHaveLength(1);
    await saysOnly(ended, chat, why);
  },
);

test('a server that is not there is tried, said and forgotten', async () => {
  const port = await freePort();
  project.configure({ notify: toWebhook });
  const away = { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/${secretPath}` };
  const text = await run(away, 'deploy', 'local', '--yes');
  expect(text).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining(
      `▲ ${away.host} was not told that this run is done: it refused the connection.`,
    ),
  });
  const ended = await run(away, 'deploy', 'staging', '--yes', '--json');
  expect(ended).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
  await saysOnly(ended, away, 'it refused the connection');
});

test.each([
  ['', 'CHAT_WEBHOOK is not set'],
  ['hooks.example.org/x', 'CHAT_WEBHOOK is no https: URL'],
  ['http://hooks.example.org/x', 'CHAT_WEBHOOK is an http: URL of another machine'],
  ['https://me:pass@hooks.example.org/x', 'CHAT_WEBHOOK has a user or password in its URL'],
])('with %j in the variable nothing is sent, and the run says why, as doctor does', async (value, why) => {
  project.configure({ notify: toWebhook });
  const ended = await run({ url: value }, 'deploy', 'staging', '--yes');
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toContain(`The webhook of notify was not told that this run is done: ${why}`);
  const doctor = await run({ url: value }, 'doctor');
  expect(doctor.stdout).toContain(why);
  expect(`${ended.stderr}${doctor.stdout}`).not.toMatch(/me:pass|hooks\.example/);
});

test('a program is given the message on its standard input, and what it says is nobody’s', async () => {
  await using nobody = await webhook();
  writeFileSync(
    join(project.root, 'tell.cjs'),
    `console.log('not for stdout'); console.error('nor for stderr');
    require('node:fs').writeFileSync('told.json', require('node:fs').readFileSync(0));
    process.exit(process.argv[2] === 'fail' ? 3 : 0);`,
  );
  project.configure({ notify: { command: [process.execPath, 'tell.cjs'] } });
  const ended = await run(nobody, 'deploy', 'staging', '--yes');
  expect(ended).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('not told') });
  expect(`${ended.stdout}${ended.stderr}`).not.toContain('for std');
  const told: unknown = JSON.parse(readFileSync(join(project.root, 'told.json'), 'utf8'));
  expect(misfits('notification', told)).toEqual([]);
  expect(told).toMatchObject({ kind: 'done', environment: 'staging' });
  project.configure({ notify: { command: [process.execPath, 'tell.cjs', 'fail'] } });
  expect((await run(nobody, 'deploy', 'local', '--yes')).stderr).toContain(
    'was not told that this run is done: it ended with 3',
  );
  project.configure({ notify: { command: ['no-such-program'] } });
  expect((await run(nobody, 'apply', 'production', '--yes')).exitCode).toBe(4);
  project.configureEnvironment('production', { protected: false });
  expect(await run(nobody, 'apply', 'production', '--yes')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/no-such-program was not told that this run is done: it could not be run/),
  });
});

test.each([
  [{ url: 'https://hooks.example.org/services/x' }, /notify\.url holds a literal secret/],
  [{ on: ['done'] }, /notify does not say who is told/],
  [{ ...toWebhook, command: ['x'] }, /notify names a url and a command/],
  [[{ ...toWebhook, on: ['ended'] }], /notify\[0\]\.on\[0\] must be 'started' or 'done' or 'failed'/],
  [
    { ...toWebhook, environments: ['prod'] },
    /notify\.environments names the environment "prod", which there is not/,
  ],
])('a configuration that says %j is refused before anything is asked', async (notify, why) => {
  await using nobody = await webhook();
  project.configure({ notify });
  const ended = await run(nobody, 'status');
  expect([ended.exitCode, ended.stderr]).toEqual([2, expect.stringMatching(why)]);
  expect(ended.stderr).not.toContain('services');
});

function run(to: Pick<Webhook, 'url'>, ...args: readonly string[]): Promise<Answered> {
  return resident.run(args, { cwd: project.root, env: { ...project.env, CHAT_WEBHOOK: to.url } });
}

/** The notice of the run names the host, and neither what was printed nor any file holds the path. */
async function saysOnly(
  { stdout, stderr, lines }: Answered,
  { host }: Pick<Webhook, 'host'>,
  why: string,
): Promise<void> {
  const notices = lines.filter(({ kind }) => kind === 'notice').map(({ message }) => message);
  expect(notices.filter((message) => String(message).includes(host))).toEqual(
    why === '' ? [] : [expect.stringMatching(`^${host} was not told that this run is done: ${why}`)],
  );
  expect(`${stdout}${stderr}`).not.toContain(secretPath);
  const home = dirname(project.root);
  expect(await filesHolding(home, [secretPath], { passing: () => false })).toEqual([]);
  // In the log of what left the program it is, by its host.
  expect(await filesHolding(home, [host], { passing: () => false })).not.toEqual([]);
}

function lease(): unknown {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  return database.prepare('SELECT run FROM __migrate_tui_lease').get()?.['run'];
}

/** Statements that take a while, so that a signal meets the migration at work. */
function addSlow(): void {
  const many =
    'WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 400000) SELECT count(*) FROM c';
  project.add('0002_slow', [
    'CREATE TABLE slow (n integer);',
    ...Array.from({ length: 20 }, () => `INSERT INTO slow ${many};`),
  ]);
}
