import { describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/engines/open.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { sayDiagnosis } from '../../../src/operations/diagnosis/words.ts';
import type { Diagnosed } from '../../../src/operations/diagnosis/diagnosis.ts';
import { diagnose } from '../../../src/runs/diagnosis/diagnose.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { openMemory } from '../../schema/open-memory.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const users = { tag: '0000_users', chunks: ['CREATE TABLE users (id integer PRIMARY KEY, email text)'] };

const rebuild = {
  tag: '0001_rebuild',
  chunks: [
    'PRAGMA foreign_keys=OFF',
    "CREATE TABLE `__new_users` (`id` integer PRIMARY KEY NOT NULL, `email` text DEFAULT '' NOT NULL)",
    'INSERT INTO `__new_users`("id", "email") SELECT "id", "email" FROM `users`',
    'DROP TABLE `users`',
    'ALTER TABLE `__new_users` RENAME TO `users`',
    'PRAGMA foreign_keys=ON',
    'CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`)',
  ],
};

const mixed = {
  tag: '0001_age',
  chunks: [
    'ALTER TABLE users ADD age integer',
    'CREATE INDEX users_age_idx ON users (age)',
    'UPDATE users SET age = 1',
  ],
};

describe('a migration that was sent statement by statement and never recorded', () => {
  const words = [
    'not started',
    'not started',
    'stopped after statement 2 or 3 of 7',
    'stopped after statement 2 or 3 of 7',
    'stopped after statement 4 of 7',
    'stopped after statement 5 or 6 of 7',
    'stopped after statement 5 or 6 of 7',
    'finished, not recorded',
  ];
  test.each(words.map((verdict, after) => ({ after, verdict })))(
    'a rebuild that stopped after statement $after: $verdict',
    async ({ after, verdict }) => {
      const ran = [...users.chunks, ...rebuild.chunks.slice(0, after)];
      expect(say((await diagnosed([users, rebuild], ran)).get(rebuild.tag))).toBe(verdict);
    },
  );

  test('is told with what is there and what is not', async () => {
    const ran = [...users.chunks, ...mixed.chunks.slice(0, 1)];
    expect((await diagnosed([users, mixed], ran)).get(mixed.tag)).toMatchObject({
      diagnosis: { kind: 'stopped', after: 1, of: 3 },
      evidence: [
        'Seen of statement 1: column users.age exists.',
        'Not seen of statement 2: index users_age_idx does not exist.',
      ],
    });
  });

  test('with rows to change last is complete in its schema, and its data unproven', async () => {
    const ran = [...users.chunks, ...mixed.chunks.slice(0, 2)];
    expect((await diagnosed([users, mixed], ran)).get(mixed.tag)).toMatchObject({
      diagnosis: { kind: 'schema-complete', from: 2, of: 3 },
      evidence: [
        'Seen of statement 2: index users_age_idx exists.',
        'No change of the schema that it makes is missing.',
        'Statement 3 leaves no trace in a schema, so it may have run or not.',
      ],
    });
  });

  test('comes with the schema before it and after each statement, for whoever has to find a way from there', async () => {
    const later = { tag: '0002_posts', chunks: ['CREATE TABLE posts (id integer)'] };
    const ran = [...users.chunks, ...mixed.chunks.slice(0, 1)];
    const found = await diagnosed([users, mixed, later], ran);
    const points = [0, 1, 2, 3].map((end) => [...users.chunks, ...mixed.chunks.slice(0, end)]);
    expect(found.get(mixed.tag)?.points).toEqual(await Promise.all(points.map(schemaOf)));
  });

  test('comes with no schemas where all of it is there', async () => {
    const found = await diagnosed([users, rebuild], [...users.chunks, ...rebuild.chunks]);
    expect(found.get(rebuild.tag)).toMatchObject({ diagnosis: { kind: 'unrecorded' } });
    expect(found.get(rebuild.tag)).not.toHaveProperty('points');
  });

  test('is told on D1 under its rules, where a double-quoted word may be a text', async () => {
    const texts = {
      tag: '0001_texts',
      chunks: ['CREATE TABLE a (x text DEFAULT "none")', 'CREATE TABLE b (y)'],
    };
    await using folder = await temporaryFolder();
    const address = { kind: 'd1-local', path: folder.file('d1.sqlite'), id: 'd', root: folder.path } as const;
    const opened = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
    if (opened.kind !== 'open') throw new Error('not created');
    await using engine = opened.engine;
    const ran = [...users.chunks, ...texts.chunks.slice(0, 1)];
    await engine.unit({ foreignKeys: 'on', statements: ran.map((sql) => ({ sql, role: 'migration' })) });
    const found = await diagnose({
      migrations: [users, texts].map(migrationOf),
      recorded: new Set([users.tag]),
      target: await readSchema(engine.query),
      like: 'd1-local',
      bookkeeping: 'd1_migrations',
    });
    expect(say(found.get(texts.tag))).toBe('stopped after statement 1 of 2');
  });
});

describe('what others leave', () => {
  test('COMMIT in a file: what stood before it is there', async () => {
    const committing = {
      tag: '0001_commit',
      chunks: ['BEGIN', 'CREATE TABLE a (x)', 'COMMIT', 'CREATE TABLE b (y)', 'CREATE TABLE c (z)'],
    };
    const ran = [...users.chunks, 'CREATE TABLE a (x)'];
    expect(say((await diagnosed([users, committing], ran)).get(committing.tag))).toBe(
      'stopped after statement 2 or 3 of 5',
    );
  });

  test('ROLLBACK in a file cannot be replayed', async () => {
    const undoing = { tag: '0001_undo', chunks: ['CREATE TABLE a (x)', 'ROLLBACK', 'CREATE TABLE b (y)'] };
    const found = (await diagnosed([users, undoing], [...users.chunks, 'CREATE TABLE b (y)'])).get(
      undoing.tag,
    );
    expect(found?.diagnosis).toMatchObject({ kind: 'cannot-replay', tag: '0001_undo', statement: 2 });
  });

  test('a column added by hand to the same table blinds nothing', async () => {
    const ran = [...users.chunks, 'ALTER TABLE users ADD nickname text', ...mixed.chunks.slice(0, 1)];
    expect(say((await diagnosed([users, mixed], ran)).get(mixed.tag))).toBe('stopped after statement 1 of 3');
  });

  test('the very column added by hand in another form leaves it undecided, and says so', async () => {
    const ran = [...users.chunks, "ALTER TABLE users ADD age text DEFAULT 'x'"];
    expect((await diagnosed([users, mixed], ran)).get(mixed.tag)).toMatchObject({
      diagnosis: { kind: 'undecided' },
      evidence: ['column users.age is there in a form that no statement makes.'],
    });
  });

  test('migrations that only look as if they had run, by their names, hide none behind them', async () => {
    const names = ['age', 'height', 'weight', 'size', 'colour'];
    const added = names.map((name, at) => ({
      tag: `000${at + 1}_${name}`,
      chunks: [`ALTER TABLE users ADD ${name} integer`],
    }));
    const posts = {
      tag: '0006_posts',
      chunks: ['CREATE TABLE posts (id integer)', 'CREATE INDEX posts_id ON posts (id)'],
    };
    const byHand = names.map((name) => `ALTER TABLE users ADD ${name} text`);
    const ran = [...users.chunks, ...byHand, ...posts.chunks.slice(0, 1)];
    const found = await diagnosed([users, ...added, posts], ran);
    for (const { tag } of added)
      expect(say(found.get(tag))).toBe('undecided: the schema fits no point of it');
    expect(say(found.get(posts.tag))).toBe('stopped after statement 1 of 2');
  });

  test('a statement that fails in the replay as it failed in the target is named', async () => {
    const wrong = {
      tag: '0001_wrong',
      chunks: ['CREATE TABLE a (x)', 'INSERT INTO nope VALUES (1)', 'CREATE TABLE b (y)'],
    };
    const found = (await diagnosed([users, wrong], [...users.chunks, 'CREATE TABLE a (x)'])).get(wrong.tag);
    expect(found?.diagnosis).toEqual({ kind: 'stopped', after: 1, of: 3 });
    expect(found?.evidence.at(-1)).toMatch(
      /^Statement 2 does not run in the replay either: .*no such table: nope/,
    );
  });

  test('a statement that only what the target has by hand lets run may have run', async () => {
    const wrong = { tag: '0001_wrong', chunks: ['CREATE TABLE a (x)', 'INSERT INTO nope VALUES (1)'] };
    const ran = [...users.chunks, 'CREATE TABLE nope (n)', ...wrong.chunks];
    expect((await diagnosed([users, wrong], ran)).get(wrong.tag)?.diagnosis).toEqual({
      kind: 'one-of',
      points: [1, 2],
      of: 2,
    });
  });

  test('a cosmetic rebuild leaves nothing that would tell whether it ran', async () => {
    const cosmetic = {
      tag: '0001_cosmetic',
      chunks: [
        'CREATE TABLE __new_users (email text, id integer PRIMARY KEY)',
        'INSERT INTO __new_users SELECT email, id FROM users',
        'DROP TABLE users',
        'ALTER TABLE __new_users RENAME TO users',
      ],
    };
    expect(say((await diagnosed([users, cosmetic], users.chunks)).get(cosmetic.tag))).toBe(
      'not started, or finished',
    );
  });
});

describe('records and history', () => {
  test('a migration that is recorded and whose table somebody dropped is recorded, not there', async () => {
    const more = { tag: '0001_more', chunks: ['CREATE TABLE more (x)', 'CREATE INDEX more_idx ON more (x)'] };
    const found = await diagnosed([users, more], users.chunks, { recorded: [users, more], doubted: [more] });
    expect(say(found.get(more.tag))).toBe('recorded, not there');
    expect(found.get(more.tag)?.evidence).toEqual([
      'It is recorded as applied.',
      'Not seen of statement 1: table more does not exist.',
    ]);
    const whole = [...users.chunks, ...more.chunks];
    expect(await diagnosed([users, more], whole, { recorded: [users, more], doubted: [more] })).toEqual(
      new Map(),
    );
  });

  test('a history that does not replay says where and why', async () => {
    const broken = { tag: '0001_broken', chunks: ['CREATE TABLE a (x)', 'CREATE INDEX i ON gone (x)'] };
    const last = { ...mixed, tag: '0002_age' };
    const found = await diagnosed([users, broken, last], users.chunks, { recorded: [users, broken] });
    expect(found.get(last.tag)?.diagnosis).toEqual({
      kind: 'cannot-replay',
      tag: '0001_broken',
      statement: 2,
      why: expect.stringContaining('no such table: main.gone'),
    });
  });

  test('a migration without a record that later ones need is found to have run', async () => {
    const posts = { tag: '0001_posts', chunks: ['CREATE TABLE posts (id integer)'] };
    const title = { tag: '0002_title', chunks: ['ALTER TABLE posts ADD title text'] };
    const ran = [users, posts, title].flatMap(({ chunks }) => chunks);
    const found = await diagnosed([users, posts, title], ran, { recorded: [users, title] });
    expect(say(found.get(posts.tag))).toBe('finished, not recorded');
  });

  test('two half runs over the same table are told apart', async () => {
    const name = {
      tag: '0002_name',
      chunks: ['ALTER TABLE users ADD name text', 'CREATE INDEX n ON users (name)'],
    };
    const ran = [...users.chunks, mixed.chunks[0] ?? '', name.chunks[0] ?? ''];
    const found = await diagnosed([users, mixed, name], ran);
    expect(say(found.get(mixed.tag))).toBe('stopped after statement 1 of 3');
    expect(say(found.get(name.tag))).toBe('stopped after statement 1 of 2');
  });

  test('a half run before a pending rebuild of the same table is told', async () => {
    const later = { ...rebuild, tag: '0002_rebuild' };
    const ran = [...users.chunks, mixed.chunks[0] ?? ''];
    const found = await diagnosed([users, mixed, later], ran);
    expect(say(found.get(mixed.tag))).toBe('stopped after statement 1 of 3');
    expect(say(found.get(later.tag))).toBe('not started');
  });

  test('can be stopped', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(diagnosed([users, mixed], users.chunks, { signal })).rejects.toThrow('enough');
  });
});

interface Chunked {
  readonly tag: string;
  readonly chunks: readonly string[];
}

/** @param ran what the target was given; the first migration is recorded unless said otherwise */
async function diagnosed(
  folder: readonly Chunked[],
  ran: readonly string[],
  {
    recorded = folder.slice(0, 1),
    doubted = [],
    signal,
  }: {
    readonly recorded?: readonly Chunked[];
    readonly doubted?: readonly Chunked[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<ReadonlyMap<string, Diagnosed>> {
  await using target = await openMemory(ran);
  return diagnose({
    migrations: folder.map(migrationOf),
    recorded: new Set(recorded.map(({ tag }) => tag)),
    doubted: new Set(doubted.map(({ tag }) => tag)),
    target: await readSchema(target.query),
    like: 'libsql-file',
    bookkeeping: '__drizzle_migrations',
    ...(signal && { signal }),
  });
}

async function schemaOf(ran: readonly string[]): Promise<Schema> {
  await using made = await openMemory(ran);
  return await readSchema(made.query);
}

function migrationOf({ tag, chunks }: Chunked, index: number): Migration {
  return {
    tag,
    hash: tag,
    when: index,
    file: `/${tag}.sql`,
    statements: chunks.map((sql) => ({ sql, line: 1 })),
  };
}

function say(found: Diagnosed | undefined): string {
  return found ? sayDiagnosis(found.diagnosis) : 'nothing said';
}
