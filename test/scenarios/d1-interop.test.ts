import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(['local', 'remote'] as const)('half by wrangler, half by us, %s', (where) => {
  test('each goes on where the other stopped, and both see all of it', { timeout: 180_000 }, async () => {
    await using project = await shop();
    await project.write({ ...migration('0001_users'), ...migration('0002_posts') });
    await project.wrangler('migrations', 'apply', 'DB', `--${where}`);
    await project.write({ ...migration('0003_tags'), ...migration('0004_votes') });
    expect(await targetIn(project, where)).toMatchObject({
      state: ['behind'],
      items: [
        { tag: '0001_users', state: 'applied', appliedAt: expect.any(String) },
        { tag: '0002_posts', state: 'applied' },
        { tag: '0003_tags', state: 'pending' },
        { tag: '0004_votes', state: 'pending' },
      ],
    });

    const deployed = await project.ours('deploy', where, '--yes');
    expect(deployed.last, deployed.stdout).toMatchObject({
      kind: 'done',
      applied: { length: 2 },
    });
    expect(await project.wrangler('migrations', 'list', 'DB', `--${where}`)).toContain(
      'No migrations to apply!',
    );

    await project.write(migration('0005_stars'));
    await project.wrangler('migrations', 'apply', 'DB', `--${where}`);
    expect(await targetIn(project, where)).toMatchObject({ state: ['current'], applied: 5, pending: 0 });
    const rows = await records(project, where);
    expect(rows.map(({ id, name }) => `${String(id)} ${String(name)}`)).toEqual([
      '1 0001_users.sql',
      '2 0002_posts.sql',
      '3 0003_tags.sql',
      '4 0004_votes.sql',
      '5 0005_stars.sql',
    ]);
    for (const { applied_at } of rows) expect(applied_at).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
  });
});

async function shop(): Promise<D1Project> {
  const { uuid } = server.database('shop');
  const binding = { binding: 'DB', database_name: 'shop', database_id: uuid };
  return d1Project(
    { 'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [binding] }) },
    { server },
  );
}

/** A table of its name, with a row. */
function migration(tag: string): Readonly<Record<string, string>> {
  const table = tag.slice(5);
  const sql = `CREATE TABLE ${table} (id integer PRIMARY KEY, name text);\nINSERT INTO ${table} (name) VALUES ('a');\n`;
  return { [`migrations/${tag}.sql`]: sql };
}

async function targetIn(project: D1Project, environment: string): Promise<unknown> {
  const { stdout } = await project.ours('status', environment);
  const { environments } = JSON.parse(stdout);
  return environments[0].targets[0];
}

async function records(project: D1Project, where: string): Promise<readonly Record<string, unknown>[]> {
  const sql = 'SELECT * FROM d1_migrations ORDER BY id';
  const text = await project.wrangler('execute', 'DB', `--${where}`, '--json', '--command', sql);
  return JSON.parse(text)[0].results;
}
