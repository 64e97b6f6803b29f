import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { openScreen, typeByHand } from '../support/screen.ts';
import { squashedFiles, squashShop, type SquashShop } from '../support/squash-shop.ts';
import { migrateTo } from '../support/squashing-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  await builtPackage();
  server = await postgresServer();
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

/** Every environment at the last migration. */
async function atHead(): Promise<SquashShop> {
  const shop = await squashShop(server);
  for (const [index, [name, sql]] of squashedFiles.entries())
    shop.project.add(`000${index}_${name}`, sql.split('\n--> statement-breakpoint\n'));
  for (const database of Object.values(shop.databases))
    await migrateTo(database, join(shop.project.root, 'drizzle'));
  return shop;
}

const sqlIn = ({ project }: SquashShop) =>
  readdirSync(join(project.root, 'drizzle')).filter((name) => name.endsWith('.sql'));

test('a PostgreSQL history is squashed and tidied on the screen', async () => {
  await using shop = await atHead();
  await using screen = await openScreen(shop.project);
  await screen.shows(/3 production[^]*✓ current[^]*0000 to 0003/);
  await screen.press('s');
  await screen.shows('Squash 0000_teams to 0003_green into one file: 4 files become 1.');
  await screen.shows(
    /✓ same rows +5 rows[^]*✓ custom parts kept +function shout\(\), trigger shouting on teams/,
  );
  expect(screen.text()).toMatch(/✓ production +0003_green +nothing to write/);
  await screen.press('z');
  await screen.shows('CREATE TYPE mood AS ENUM');
  await screen.press('z');
  await screen.shows('custom parts kept');
  await screen.press('!');
  await screen.shows('drizzle/0003_green.sql stands for 4 files');
  expect(sqlIn(shop)).toEqual(['0003_green.sql']);
  await screen.press('G', 'enter');
  await screen.shows(/Removes 3 records from drizzle\.__drizzle_migrations[^]*type its name: ▏/);
  await typeByHand(screen, 'production');
  await screen.press('enter');
  await screen.shows('production is tidied: 4 records became 1');
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
});

test('with --accessible the words squash and write make one file of a PostgreSQL history', async () => {
  await using shop = await atHead();
  await using terminal = await openScreen(shop.project, { args: ['--accessible'], columns: 160, rows: 60 });
  await terminal.shows('Which environment?');
  terminal.type('squash\r');
  await terminal.shows(/Type write to /);
  terminal.type('write\r');
  await terminal.shows(/stands for 4 files[^]*Which environment/);
  expect(sqlIn(shop)).toEqual(['0003_green.sql']);
  terminal.type('\r');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
});
