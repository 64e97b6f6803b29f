import { expect, test } from 'vitest';
import { rivals, type Rivals } from '../support/against-drizzle.ts';
import { knownDifferences } from './known-differences.ts';

const actions = ['no action', 'restrict', 'cascade', 'set null', 'set default'] as const;

const rebuild = (where: string) => [
  'PRAGMA foreign_keys=OFF',
  'CREATE TABLE `__new_parents` (`id` integer PRIMARY KEY NOT NULL, `name` text)',
  `INSERT INTO \`__new_parents\`("id", "name") SELECT "id", "name" FROM \`parents\`${where}`,
  'DROP TABLE `parents`',
  'ALTER TABLE `__new_parents` RENAME TO `parents`',
  'PRAGMA foreign_keys=ON',
];

const harmless = {
  'the rebuild of a parent': rebuild(''),
  'the rebuild of a child': [
    'PRAGMA foreign_keys=OFF',
    'CREATE TABLE `__new_children` (`id` integer PRIMARY KEY NOT NULL, `parent_id` integer DEFAULT 3 REFERENCES parents(id))',
    'INSERT INTO `__new_children`("id", "parent_id") SELECT "id", "parent_id" FROM `children`',
    'DROP TABLE `children`',
    'ALTER TABLE `__new_children` RENAME TO `children`',
    'PRAGMA foreign_keys=ON',
  ],
  'a child that comes before its parent': [
    'INSERT INTO children VALUES (8, 8)',
    "INSERT INTO parents VALUES (8, 'late')",
  ],
  'the DELETE of the children, then of their parent': [
    'DELETE FROM children WHERE parent_id = 1',
    'DELETE FROM parents WHERE id = 1',
  ],
};

const harmful = {
  'a DELETE': ['DELETE FROM parents WHERE id = 1'],
  'a DELETE of all': ['DELETE FROM parents'],
  'an UPDATE of the key': ['UPDATE parents SET id = 9 WHERE id = 1'],
  'a DROP': ['DROP TABLE parents'],
  'an orphan': ['INSERT INTO children VALUES (7, 77)'],
  'a rebuild that leaves out a parent': rebuild(' WHERE id > 1'),
  'a rebuild after a DELETE': ['DELETE FROM parents WHERE id = 1', ...rebuild('')],
};

for (const action of actions) {
  test(`with ON DELETE ${action} ${Object.keys(harmless).join(', ')} are as with drizzle, also beside old orphans`, async () => {
    for (const migration of Object.values(harmless)) {
      await using both = await family(action, migration);
      await both.both(['INSERT INTO children VALUES (6, 66)']);
      await both.migrate('theirs');
      expect(await both.change('deploy')).toMatchObject({ kind: 'done' });
      expect(await both.content('ours')).toEqual(await both.content('theirs'));
    }
  });

  test(`with ON DELETE ${action} a deploy never does otherwise than drizzle without refusing first`, async () => {
    for (const [name, migration] of Object.entries(harmful)) {
      await using both = await family(action, migration);
      const before = await both.content('ours');
      await both.migrate('theirs');
      expect(await both.change('deploy'), name).toMatchObject({
        kind: 'failed',
        exitCode: 4,
        applied: [],
      });
      expect(await both.content('ours'), name).toEqual(before);
    }
  });
}

test.each(knownDifferences)('known difference: $name', async ({ migration, drizzle, ...ours }) => {
  for (const kind of ['deploy', 'apply'] as const) {
    await using both = await family('cascade', migration);
    const before = await both.content('ours');
    const migrated = both.migrate('theirs');
    await (drizzle === 'fails' ? expect(migrated).rejects.toThrow() : migrated);
    const last = await both.change(kind);
    const expected = ours[kind];
    if (expected === 'applies-otherwise') {
      expect(last).toMatchObject({ kind: 'done' });
      expect(await both.content('ours')).not.toEqual(await both.content('theirs'));
    } else {
      expect(last).toMatchObject({ kind: 'failed', code: expected });
      expect(await both.content('ours')).toEqual(before);
    }
  }
});

test('what a cascade takes along goes when it is accepted by name, also without a rehearsal', async () => {
  for (const kind of ['deploy', 'apply'] as const) {
    await using both = await family('cascade', ['DELETE FROM parents WHERE id = 1']);
    const accept = (rows: number) => both.change(kind, { acceptLoss: [{ table: 'children', rows }] });
    expect(await accept(1)).toMatchObject({ kind: 'failed', code: 'rows-lost' });
    expect(await accept(2)).toMatchObject({ kind: 'done' });
    expect((await both.content('ours')).rows['children']).toEqual(['3, 2']);
  }
});

test('orphans between two migrations are refused, though a later one would clear them away', async () => {
  await using both = await family('no action', ['DROP TABLE parents'], ['DELETE FROM children']);
  expect(await both.change('deploy')).toMatchObject({
    kind: 'failed',
    code: 'rehearsal-failed',
    applied: [],
  });
});

/** Three parents, three children: two of the first, one of the second; `pending` are migrations that wait. */
async function family(action: string, ...pending: readonly (readonly string[])[]): Promise<Rivals> {
  const base = {
    tag: '0000_base',
    chunks: [
      'CREATE TABLE `parents` (`id` integer PRIMARY KEY NOT NULL, `name` text)',
      `CREATE TABLE \`children\` (\`id\` integer PRIMARY KEY, \`parent_id\` integer DEFAULT 3 REFERENCES parents(id) ON UPDATE ${action} ON DELETE ${action})`,
    ],
  };
  const both = await rivals([base]);
  await both.migrate('ours');
  await both.migrate('theirs');
  await both.both([
    "INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    'INSERT INTO children VALUES (1, 1), (2, 1), (3, 2)',
  ]);
  await both.write([base, ...pending.map((chunks, index) => ({ tag: `000${index + 1}_next`, chunks }))]);
  return both;
}
