import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { program, startProgram } from '../support/program.ts';

const names = ['shop', 'auth'] as const;
const folders = ['20240101000000_users', '20240102000000_posts'];
const old = ['0000_users.sql', '0001_posts.sql'];
const today = folders.map((folder) => `${folder}/migration.sql`);

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: names });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const name of names) await renamed(name);
});

const rekey = ['recover', 'staging', '--choose', 're-key', '--yes'];

describe('recover of a D1 at Cloudflare', () => {
  test('is refused when a record came after it was read, and changes nothing', async () => {
    await using project = await projectOn(['shop']);
    server.before('bookmark', async () => {
      await server.database('shop').run("INSERT INTO d1_migrations (name) VALUES ('0002_late.sql')");
    });
    const { exitCode, last } = await project.ours(...rekey);
    expect({ exitCode, last }).toMatchObject({
      exitCode: 4,
      last: { kind: 'failed', code: 'target-changed' },
    });
    expect(await recorded('shop')).toEqual([...old, '0002_late.sql']);
  });

  test('is refused while another run holds the lock, and still answers what it finds', async () => {
    await using project = await projectOn(['shop']);
    await hold('shop');
    const { exitCode, last } = await project.ours(...rekey);
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'locked' } });
    expect(await recorded('shop')).toEqual(old);
    expect((await project.ours('recover', 'staging')).exitCode).toBe(3);
  });

  test('whose answer is lost is done all the same, and says so', async () => {
    await using project = await projectOn(['shop']);
    // The lock is the first write.
    server.fault({ kind: 'cut', when: 'after' }, { on: 'write', after: 1 });
    const { exitCode, last } = await project.ours(...rekey);
    expect(server.faultWasMet()).toBe(true);
    expect({ exitCode, last }).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
    expect(await recorded('shop')).toEqual(today);
  });

  test.each([
    { from: 0, when: 'after', what: 'from its answer on' },
    { from: 1, when: 'before', what: 'once it is done' },
  ] as const)(
    'ends with 5 when nobody can be asked $what: the records may be others',
    async ({ from, when }) => {
      const begun = server.requests.length;
      await using first = await projectOn(['shop']);
      await first.ours(...rekey);
      const written = server.requests.findLastIndex(({ sql }) =>
        sql.some((one) => one.includes(today[1] ?? '')),
      );
      await renamed('shop');
      await using project = await projectOn(['shop'], { timeouts: { connect: '3s' } });
      server.fault({ kind: 'cut', when }, { after: written - begun + from, times: Infinity });
      const { exitCode, last } = await project.ours(...rekey);
      server.noFault();
      expect(await recorded('shop')).toEqual(today);
      expect({ exitCode, last }).toMatchObject({ exitCode: 5, last: { code: 'stopped-part-way' } });
      expect(last?.['message']).not.toMatch(/nothing was changed/i);
    },
  );

  test.each([
    { when: 'before', what: 'and not carried out' },
    { when: 'after', what: 'and carried out' },
  ] as const)(
    'is killed at each of its writes, which are cut $what: all or nothing, and the next one does it',
    async ({ when }) => {
      const seen = new Set<string>();
      for (let nth = 0; nth < 3; nth += 1) {
        await renamed('shop');
        await using project = await projectOn(['shop']);
        await killedAt(project, nth, when);
        const names = await recorded('shop');
        expect([old, today]).toContainEqual(names);
        seen.add(JSON.stringify(names));
        const { stdout } = await project.ours('status', 'staging');
        expect(stdout).toMatch(/was cut off/);
        const { exitCode, last } = await project.ours(...rekey);
        // Once done there is nothing to choose, and the lock of a dead run is taken over by whatever comes next.
        expect({ exitCode, code: last?.['code'] }).toEqual(
          names[0] === old[0] ? { exitCode: 0, code: undefined } : { exitCode: 4, code: 'refused' },
        );
        expect(await recorded('shop')).toEqual(today);
      }
      expect(seen.size).toBe(2);
    },
  );

  test('names one database when several have the case, and needs no name when one has it', async () => {
    await using project = await projectOn(names);
    const asked = await project.ours('recover', 'staging');
    expect(asked.exitCode).toBe(3);
    expect(JSON.parse(asked.stdout).cases).toMatchObject([{ database: 'shop' }, { database: 'auth' }]);
    const both = await project.ours(...rekey);
    expect(both).toMatchObject({ exitCode: 2, last: { code: 'usage' } });
    expect(both.last).toHaveProperty('next', expect.stringContaining('--database shop'));
    expect([await recorded('shop'), await recorded('auth')]).toEqual([old, old]);
    expect((await project.ours(...rekey, '--database', 'auth')).exitCode).toBe(0);
    expect([await recorded('shop'), await recorded('auth')]).toEqual([old, today]);
    expect((await project.ours(...rekey)).exitCode).toBe(0);
    expect([await recorded('shop'), await recorded('auth')]).toEqual([today, today]);
    expect((await project.ours('recover', 'staging')).exitCode).toBe(0);
  });

  test("makes wrangler's table where only Drizzle's is there", async () => {
    await using project = await projectOn(['shop']);
    const shop = server.database('shop');
    await shop.run(
      'DROP TABLE d1_migrations',
      'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
      ...folders.map(
        (_, at) =>
          `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x${at}', ${Date.UTC(2024, 0, at + 1)})`,
      ),
    );
    const refused = await project.ours('deploy', 'staging', '--yes');
    expect(refused).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(refused.last).toHaveProperty('message', expect.stringContaining('a second time'));
    const asked = await project.ours('recover', 'staging');
    // The hashes are of other texts than the files have: that is for a person to judge.
    expect(JSON.parse(asked.stdout).cases).toMatchObject([
      { options: [{ id: 'reconcile', recommended: false, allowed: true }] },
    ]);
    const done = await project.ours('recover', 'staging', '--choose', 'reconcile', '--yes');
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await recorded('shop')).toEqual(today);
    const { stdout } = await project.ours('status', 'staging');
    expect(JSON.parse(stdout).environments[0].targets[0]).toMatchObject({ state: ['current'], applied: 2 });
    await shop.run('DROP TABLE __drizzle_migrations');
  });

  test('refuses what it does not offer, and says what it offers', async () => {
    await using project = await projectOn(['shop']);
    const { exitCode, last } = await project.ours('recover', 'staging', '--choose', 'reconcile', '--yes');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    expect(last).toHaveProperty('next', expect.stringContaining('re-key'));
  });

  test('shows in words what stopped half-way, with the way back that it does not choose itself', async () => {
    await using project = await projectOn(['shop']);
    await server.database('shop').run('DELETE FROM d1_migrations');
    await project.ours(...rekey);
    await server.database('shop').run('DROP TABLE posts');
    await project.write({
      'shop/20240102000000_posts/migration.sql': `${posts};\n--> statement-breakpoint\nCREATE TABLE tags (id integer PRIMARY KEY);`,
    });
    await server.database('shop').run(`INSERT INTO d1_migrations (name) VALUES ('${today[0]}')`, posts);
    const { exitCode, stdout } = await program(['recover', 'staging'], {
      cwd: project.root,
      env: project.env,
    });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('20240102000000_posts: stopped after statement 1 of 2');
    expect(stdout).toContain(
      'restore (not now): No whole backup of it is kept on this machine. The server keeps a',
    );
    // Who ran it, and when, nobody here knows.
    expect(stdout).toContain(
      'npx wrangler d1 time-travel restore shop --timestamp=TIME takes all of it back',
    );
    await hold('shop');
    const begun = Date.parse('2026-11-20T13:45:00Z');
    await server.database('shop').run(`UPDATE __migrate_tui_lease SET taken_at = ${begun}, expires_at = 1`);
    const held = await project.ours('recover', 'staging', '--json');
    const restore = JSON.parse(held.stdout).cases[0].options.find(
      ({ id }: { id: string }) => id === 'restore',
    );
    expect(restore.why).toContain(
      '--timestamp=2026-11-20T13:45:00.000Z takes all of it back to the time before',
    );
  });
});

const users = 'CREATE TABLE users (id integer PRIMARY KEY)';
const posts = 'CREATE TABLE posts (id integer PRIMARY KEY)';

/** A database to which wrangler applied two flat files, and no run of ours came near. */
async function renamed(name: string): Promise<void> {
  await server
    .database(name)
    .run(
      'DROP TABLE IF EXISTS d1_migrations',
      'DROP TABLE IF EXISTS __migrate_tui_lease',
      'DROP TABLE IF EXISTS users',
      'DROP TABLE IF EXISTS posts',
      'CREATE TABLE d1_migrations(\n\t\tid         INTEGER PRIMARY KEY AUTOINCREMENT,\n\t\tname       TEXT UNIQUE,\n\t\tapplied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL\n)',
      users,
      posts,
      ...old.map((file) => `INSERT INTO d1_migrations (name) VALUES ('${file}')`),
    );
}

async function recorded(name: string): Promise<readonly unknown[]> {
  const rows = await server.database(name).run('SELECT name FROM d1_migrations ORDER BY id');
  return rows.map((row) => row['name']);
}

/** A live lease of a run on another machine. */
async function hold(name: string): Promise<void> {
  await using project = await projectOn([name]);
  await project.ours('backup', 'staging');
  await server
    .database(name)
    .run(
      'CREATE TABLE __migrate_tui_lease (id INTEGER PRIMARY KEY CHECK (id = 1), run TEXT, epoch INTEGER NOT NULL, held_by TEXT, host TEXT, tag TEXT, backup TEXT, taken_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, counts TEXT)',
      "INSERT INTO __migrate_tui_lease VALUES (1, '7.1.elsewhere.00', 1, 'mira', 'kestrel', NULL, NULL, 0, 99999999999999, NULL)",
    );
}

/** Kills the program while the server looks at its nth write. */
async function killedAt(project: D1Project, nth: number, when: 'before' | 'after'): Promise<void> {
  await using running = await startProgram([...rekey, '--json'], { cwd: project.root, env: project.env });
  const writes = () => server.requests.filter(({ kind }) => kind === 'write').length;
  const wanted = writes() + nth + 1;
  server.fault({ kind: 'cut', when }, { on: 'write', after: nth });
  const kill = async (): Promise<void> => {
    if (writes() >= wanted) running.signal('SIGKILL');
    else server.before('query', kill);
  };
  server.before('query', kill);
  await running.ended;
  // The request outlives the program that sent it.
  await expect.poll(() => server.faultWasMet(), { timeout: 20_000 }).toBe(true);
}

async function projectOn(
  databases: readonly string[],
  keys: Readonly<Record<string, unknown>> = {},
): Promise<D1Project> {
  const named = databases.map((name) => [name, { migrations: name, bookkeeping: 'd1' }]);
  const targets = databases.map((name) => [name, { d1: name }]);
  const files = databases.flatMap((name) => [
    [`${name}/${today[0]}`, `${users};\n`],
    [`${name}/${today[1]}`, `${posts};\n`],
    [`${name}/${folders[0]}/snapshot.json`, '{}'],
    [`${name}/${folders[1]}/snapshot.json`, '{}'],
  ]);
  const config = {
    databases: Object.fromEntries(named),
    environments: { staging: { targets: Object.fromEntries(targets), ...keys } },
  };
  return d1Project(
    { ...Object.fromEntries(files), 'migrate-tui.config.json': JSON.stringify(config) },
    { server },
  );
}
