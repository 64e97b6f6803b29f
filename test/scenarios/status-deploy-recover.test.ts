import { afterAll, describe, expect, test } from 'vitest';
import { folder0 } from '../support/drizzle-folders.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());

const at = (second: number) => 1_700_000_000_000 + second * 1000;
const users = {
  tag: '0000_users',
  sql: 'CREATE TABLE users (id integer PRIMARY KEY, email text);',
  when: at(0),
};
const rebuild = [
  'CREATE TABLE __new_users (id integer PRIMARY KEY, email text, age integer DEFAULT 0);',
  'INSERT INTO __new_users (id, email) SELECT id, email FROM users;',
  'DROP TABLE users;',
  'ALTER TABLE __new_users RENAME TO users;',
];

/** With one migration applied by the application and rows in its table, and another one in the folder. */
async function withPending(statements: readonly string[]): Promise<OddProject> {
  const odd = oddProject(program);
  await odd.write(folder0([users]));
  await odd.migrate();
  await odd.sql("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
  const sql = statements.join('\n--> statement-breakpoint\n');
  await odd.write(folder0([users, { tag: '0001_next', sql, when: at(1) }]));
  return odd;
}

const stateOf = async (odd: OddProject) => {
  const { stdout } = await odd.program('status', 'staging', '--json');
  return JSON.parse(stdout).environments[0].targets[0].items.at(-1).state;
};

describe('a file that makes what an applied file made', () => {
  test('is pending for all of them, and the refusal names the file that made it', async () => {
    using odd = await withPending(['CREATE TABLE users (id integer PRIMARY KEY, email text);']);
    expect(await stateOf(odd)).toBe('pending');
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
    const { exitCode, last } = await odd.program('deploy', 'staging', '--yes', '--json');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'rehearsal-failed' } });
    expect(last?.['message']).toContain('0000_users, which is recorded as applied, makes it');
    expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
  });
});

describe('a rebuild that ran and has no record', () => {
  test('looks pending, and the refusal to run it again leads to recover, which knows better', async () => {
    using odd = await withPending(rebuild);
    await odd.sql(rebuild.join('\n'));
    await odd.sql('UPDATE users SET age = 7');
    expect(await stateOf(odd)).toBe('pending');
    const { exitCode, last } = await odd.program('deploy', 'staging', '--yes', '--json');
    expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { code: 'rows-lost' } });
    expect(last?.['next']).toMatch(
      /^0001_next may have run here before: migrate-tui recover staging tells whether it did\. If not: Change the migration/,
    );
    expect((await odd.cases()).cases).toMatchObject([{ tag: '0001_next', situation: 'unrecorded' }]);
    expect(await odd.choose('record')).toMatchObject({ exitCode: 0 });
    expect(await stateOf(odd)).toBe('applied');
    expect(await odd.rows('SELECT age FROM users')).toEqual([{ age: 7 }, { age: 7 }]);
  });

  test('is not suspected where it did not run, or where it changes the schema', async () => {
    using odd = await withPending(rebuild);
    const { exitCode, lines } = await odd.program('dry-run', 'staging', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.stringify(lines)).not.toContain('may have run');
  });
});
