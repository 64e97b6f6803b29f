import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import type { D1Project } from '../support/d1-project.ts';
import type { D1Fault } from '../support/d1-faults.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { d1Shop } from '../support/d1-shop.ts';
import { screens } from '../../src/tui/app/registry.ts';
import { everyFile } from '../support/every-file.ts';
import { nameOf, startProgram } from '../support/program.ts';
import { openScreen } from '../support/screen.ts';
import type { TestTerminal } from '../support/terminal.ts';

let server: D1Server;
let project: D1Project;
let empty: string;
beforeAll(async () => {
  await builtPackage();
  server = await startD1Server({ databases: ['shop'] });
  empty = server.database('shop').bookmark;
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await server.database('shop').takeBack(empty);
  project = await d1Shop(server, {
    'package.json': '{ "name": "shop", "private": true }',
    'migrations/0002_posts.sql': 'CREATE TABLE posts (id integer PRIMARY KEY);\n',
  });
});
afterEach(() => project[Symbol.asyncDispose]());

/** A server that says back what it was sent, as some gateways do. */
const gossip = (status: number): D1Fault => ({
  kind: 'status',
  status,
  code: 1,
  message: `Invalid header Authorization: Bearer ${server.token}`,
  when: 'before',
});
const always = { times: Infinity };
const masked = 'Invalid header Authorization: Bearer ••••';

describe('no page of the screen draws the token that the server quotes', () => {
  test('before anything is changed', async () => {
    await using walk = await startWalk();
    server.fault(gossip(422), always);
    await walk.sees('welcome', 'wrangler.json');
    await walk.goes('esc', 'environments', 'unreachable');
    await walk.goes('2', 'environments', masked);
    await walk.press('k', 'k');
    await walk.goes('enter', 'environment', new RegExp(`${masked}[^]*what is applied is not known`));
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('?', 'help', 'keys of environments');
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes(':', 'palette', 'the same on the command line');
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('i', 'doctor', new RegExp(`${masked}[^]*ledger +no run yet`));
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('@', 'command log', /── commands/);
    await walk.goes('enter', 'command log', /remote, (sql|http), read/);
    await walk.goes('@', 'environments', '0001_users');
    await walk.press('j');
    await walk.goes('enter', 'migration', 'y copy SQL');
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('v', 'environments', 'verify: remote is unreachable');
  });

  test('while a rehearsal fails', async () => {
    await project.ours('init');
    await using walk = await startWalk();
    await walk.sees('environments', /behind 2.*behind 2/);
    server.fault(gossip(422), { ...always, on: 'bookmark' });
    await walk.press('2');
    await walk.goes('t', 'review', new RegExp(`${masked}[^]*dry-run again`));
    await walk.goes('x', 'review', 'Written:');
    await walk.goes('@', 'command log', /── commands/);
    await walk.goes('enter', 'command log', 'position in the history of D1 shop');
  });

  test('while a run fails', async () => {
    await project.ours('init');
    await using walk = await startWalk();
    await walk.sees('environments', /behind 2.*behind 2/);
    await walk.press('2');
    await walk.goes('t', 'review', '! deploy to remote');
    server.fault(gossip(500), { ...always, on: 'query', after: 1 });
    await walk.goes('!', 'failed', new RegExp(`${masked}[^]*x incident report`));
    await walk.goes('x', 'failed', 'Written:');
    await walk.press('y');
    await walk.goes('enter', 'run detail', new RegExp(`runs › run[^]*${masked}`));
    await walk.goes('x', 'run detail', 'Written:');
    await walk.press('y');
    await walk.goes('esc', 'failed', /stopped \d\d:/);
    await walk.goes('H', 'runs', /••••[^]*enter statements/);
    await walk.goes('x', 'runs', 'Written:');
    await walk.press('y');
    await walk.goes('w', 'backups', /at server[^]*to restore/);
  });

  test('while a run goes through, and afterwards', async () => {
    await project.ours('init');
    await using walk = await startWalk();
    await walk.sees('environments', /behind 2.*behind 2/);
    await walk.press('2');
    await walk.goes('t', 'review', '! deploy to remote');
    server.before('query', async () => {
      await walk.sees('run', /remote › run/);
    });
    server.fault({ kind: 'cut', when: 'after' }, { on: 'query', after: 1 });
    await walk.goes('!', 'finished', '✓ remote is at 0002_posts');
    await walk.goes('x', 'finished', 'Written:');
    await walk.goes('esc', 'environments', /behind 2.*current/);
    await walk.goes('v', 'verify', /remote › verify[^]*✓/);
    server.fault(gossip(422), always);
    await walk.goes('r', 'verify', masked);
  });

  test('between two deploys', async () => {
    await project.ours('init');
    await using walk = await startWalk();
    await walk.sees('environments', /behind 2.*behind 2/);
    await walk.press('2');
    server.fault(gossip(422), always);
    await walk.goes('c', 'drift', masked);
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('m', 'change', masked);
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.goes('s', 'squash', masked);
    await walk.goes('x', 'squash', 'Written:');
    await walk.goes('esc', 'environments', 'newest on top');
    await walk.press(':', 'o', 'f', ' ', 'a', 'l', 'l');
    await walk.goes('enter', 'drift all', 'unreachable');
    await walk.goes('j', 'drift all', masked);
  });

  test('about what was left behind', async () => {
    await project.ours('init');
    await killADeploy();
    await server.database('shop').run('CREATE TABLE IF NOT EXISTS posts (id integer PRIMARY KEY)');
    server.fault(gossip(422), always);
    await using walk = await startWalk();
    await walk.sees('unfinished', /cut off/);
    await walk.goes('w', 'recovery', masked);
    server.noFault();
    await walk.goes('r', 'recovery', 'evidence');
    await walk.goes('x', 'recovery', 'Written:');
  });

  test('and those were all pages that there are', () => {
    const named = screens.map(({ name }) => name.replace('-', ' '));
    expect([...visited]).toEqual(expect.arrayContaining(named));
  });
});

const visited = new Set<string>();

async function killADeploy(): Promise<void> {
  const args = ['deploy', 'remote', '--yes', '--json'];
  await using running = await startProgram(args, { cwd: project.root, env: project.env });
  await running.line((line) => nameOf(line) === 'step-started migrate');
  running.signal('SIGKILL');
  await running.ended;
}

interface Walk extends AsyncDisposable, Pick<TestTerminal, 'press'> {
  /** Waits for a page, and looks for the token in it. */
  sees(page: string, wanted: string | RegExp): Promise<void>;
  /** Presses a key, and sees the page that it leads to. */
  goes(key: string, page: string, wanted: string | RegExp): Promise<void>;
}

/** A person who goes from page to page; at the end, nothing that was written anywhere holds the token. */
async function startWalk(): Promise<Walk> {
  const screen = await openScreen(project, { columns: 250, rows: 60 });
  const sees: Walk['sees'] = async (page, wanted) => {
    expect(piecesIn(await screen.shows(wanted)), page).toEqual([]);
    visited.add(page);
  };
  return {
    press: (...keys) => screen.press(...keys),
    sees,
    async goes(key, page, wanted) {
      await screen.press(key);
      await sees(page, wanted);
    },
    async [Symbol.asyncDispose]() {
      server.noFault();
      await screen[Symbol.asyncDispose]();
      const copied = clipboardsIn(screen.raw).join('\n');
      const files = await everyFile(dirname(project.home));
      expect(files.length).toBeGreaterThan(3);
      for (const text of [screen.raw, copied]) expect(piecesIn(text)).toEqual([]);
      for (const { path, bytes } of files) expect(piecesIn(bytes), path).toEqual([]);
    },
  };
}

/** The pieces of the token that something holds: a line that is too long is broken somewhere. */
function piecesIn(text: string | Buffer): readonly string[] {
  const length = 12;
  const { token } = server;
  const pieces = Array.from({ length: token.length - length + 1 }, (_one, at) =>
    token.slice(at, at + length),
  );
  return pieces.filter((piece) => text.includes(piece));
}

/** What went to the terminal's clipboard (OSC 52). */
function clipboardsIn(raw: string): readonly string[] {
  const sent = raw.split('\u001B]52;c;').slice(1);
  return sent.map((text) => Buffer.from(/^[A-Za-z0-9+/=]*/.exec(text)?.[0] ?? '', 'base64').toString('utf8'));
}
