import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';

let server: D1Server;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(['local', 'remote'] as const)('a rollback on D1, %s', (where) => {
  test(
    'takes back what wrangler applied, and wrangler then applies it again',
    { timeout: 180_000 },
    async () => {
      await using project = await shop();
      await project.wrangler('migrations', 'apply', 'DB', `--${where}`);
      const back = await project.ours('rollback', where, '--to', '1', '--yes');
      expect(back.last, back.stdout).toMatchObject({
        kind: 'done',
        message: `${where} is back at 0001_users: 2 migrations taken back and verified.`,
        undone: [{ tag: '0003_tags' }, { tag: '0002_posts' }],
      });
      expect(rulesIn(back.lines)).toEqual(['destroys-rows', 'destroys-rows']);
      const pending = await project.wrangler('migrations', 'list', 'DB', `--${where}`);
      expect(pending).toContain('0002_posts.sql');
      expect(pending).toContain('0003_tags.sql');
      expect(pending).not.toContain('0001_users.sql');
      await project.wrangler('migrations', 'apply', 'DB', `--${where}`);
      const { stdout } = await project.ours('verify', where);
      expect(JSON.parse(stdout)).toMatchObject({ equal: true });
    },
  );
});

async function shop(): Promise<D1Project> {
  const { uuid } = server.database('shop');
  const binding = { binding: 'DB', database_name: 'shop', database_id: uuid };
  return d1Project(
    {
      'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [binding] }),
      ...migration('0001_users'),
      ...migration('0002_posts'),
      ...migration('0003_tags'),
    },
    { server },
  );
}

/** A table of its name, with a row, and what drops it, where wrangler does not look. */
function migration(tag: string): Readonly<Record<string, string>> {
  const table = tag.slice(5);
  const sql = `CREATE TABLE ${table} (id integer PRIMARY KEY, name text);\nINSERT INTO ${table} (name) VALUES ('a');\n`;
  return {
    [`migrations/${tag}.sql`]: sql,
    [`migrations.extra/${tag}.rollback.sql`]: `DROP TABLE ${table};\n`,
  };
}

function rulesIn(lines: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const rehearsed = lines.find(({ kind }) => kind === 'rehearsed');
  const findings: readonly { readonly rule: string }[] = JSON.parse(
    JSON.stringify(rehearsed?.['findings'] ?? []),
  );
  return findings.map(({ rule }) => rule);
}
