import { expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { rivals } from '../support/against-drizzle.ts';

const migrations = [
  {
    tag: '0000_users',
    chunks: [
      'CREATE TABLE `users` (`id` integer PRIMARY KEY NOT NULL, `email` text)',
      'CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`)',
    ],
  },
  {
    tag: '0001_posts',
    chunks: [
      'CREATE TABLE `posts` (`id` integer PRIMARY KEY NOT NULL, `user_id` integer REFERENCES users(id) ON DELETE cascade)',
      "INSERT INTO users VALUES (1, 'a@b.c')",
      'INSERT INTO posts VALUES (1, 1)',
    ],
  },
  {
    tag: '0002_rebuild',
    chunks: [
      'PRAGMA foreign_keys=OFF;',
      "CREATE TABLE `__new_users` (`id` integer PRIMARY KEY NOT NULL, `email` text DEFAULT '' NOT NULL)",
      'INSERT INTO `__new_users`("id", "email") SELECT "id", "email" FROM `users`',
      'DROP TABLE `users`',
      'ALTER TABLE `__new_users` RENAME TO `users`',
      'PRAGMA foreign_keys=ON;',
      'CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`)',
    ],
  },
  {
    tag: '0003_more',
    chunks: ["INSERT INTO users VALUES (2, 'd@e.f')", 'ALTER TABLE `posts` ADD `title` text'],
  },
];

const lines: readonly DrizzleLine[] = ['drizzle-0', 'drizzle-1'];
const cases = lines.flatMap((format) => [1, 2, 3].map((first) => ({ format, first })));

test.each(cases)(
  '$format: what drizzle applied of $first of 4 is finished by us, and drizzle finds nothing to do',
  async ({ format, first }) => {
    await using both = await rivals(migrations, { format });
    await both.migrate('theirs');
    await both.write(migrations.slice(0, first));
    await both.migrate('ours');
    await both.write(migrations);
    expect(await both.change('deploy')).toMatchObject({ kind: 'done', applied: { length: 4 - first } });
    const ours = await both.content('ours');
    expect(ours).toEqual(await both.content('theirs'));
    await both.migrate('ours');
    expect(await both.content('ours')).toEqual(ours);
  },
);

test.each(cases)(
  '$format: what we applied of $first of 4 is finished by drizzle, and we find nothing to do',
  async ({ format, first }) => {
    await using both = await rivals(migrations, { format });
    await both.migrate('theirs');
    await both.write(migrations.slice(0, first));
    expect(await both.change('apply')).toMatchObject({ kind: 'done', applied: { length: first } });
    await both.write(migrations);
    await both.migrate('ours');
    const ours = await both.content('ours');
    expect(ours).toEqual(await both.content('theirs'));
    expect(await both.change('deploy')).toMatchObject({ kind: 'done', applied: [] });
    expect(await both.content('ours')).toEqual(ours);
  },
);
