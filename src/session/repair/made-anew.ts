import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import type { Dialect } from '../../sql/statement.ts';
import type { Kit } from '../kit/kit-of.ts';
import type { Moved } from './put-after.ts';

export interface MadeAnewWith {
  readonly kit: Kit;
  /** What the migrations are written in. */
  readonly dialect: Dialect;
  /** Of the project, for naming files. */
  readonly root: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * In a copy of a folder of Drizzle 0.x: takes a migration away whose snapshot is lost, and has drizzle-kit write it
 * after the others. It keeps its own text.
 *
 * @throws MigrateError `refused` where drizzle-kit would write other statements
 */
export async function madeAnew(
  copy: string,
  lost: Migration,
  { kit, dialect, root, signal }: MadeAnewWith,
): Promise<Moved> {
  const text = await readFile(join(copy, `${lost.tag}.sql`), 'utf8');
  await takeAway(copy, lost.tag);
  const [, name = lost.tag] = /^\d+_(.+)$/.exec(lost.tag) ?? [];
  const out = relative(kit.config.folder, copy);
  const before = await readFolder({ directory: copy, dialect });
  const said = await kit.run({ command: ['generate', '--name', name], out, access: 'read', signal });
  const after = await readFolder({ directory: copy, dialect });
  const made = after.migrations.at(-1);
  if (!made || after.migrations.length === before.migrations.length) {
    if (/no schema changes/i.test(said.text)) throw notTheSame(lost.tag);
    throw kitFailure('generate', said, { root });
  }
  if (statementsOf(made) !== statementsOf(lost)) throw notTheSame(lost.tag);
  await writeFile(made.file, text);
  await dateLast(copy);
  return { from: lost.tag, to: made.tag };
}

async function takeAway(copy: string, tag: string): Promise<void> {
  const path = join(copy, 'meta', '_journal.json');
  const journal: { entries: readonly { readonly tag: string }[] } = JSON.parse(await readFile(path, 'utf8'));
  const entries = journal.entries.filter((entry) => entry.tag !== tag);
  await writeFile(path, JSON.stringify({ ...journal, entries }, undefined, 2));
  await rm(join(copy, `${tag}.sql`));
  const prefix = tag.split('_')[0];
  const shared = entries.some((entry) => entry.tag.split('_')[0] === prefix);
  if (!shared) await rm(join(copy, 'meta', `${prefix}_snapshot.json`), { force: true });
}

/** Later than all others, also than one that is of tomorrow. */
async function dateLast(copy: string): Promise<void> {
  const path = join(copy, 'meta', '_journal.json');
  const journal: { entries: { when: number }[] } = JSON.parse(await readFile(path, 'utf8'));
  const last = journal.entries.at(-1);
  if (last) last.when = Math.max(last.when, ...journal.entries.slice(0, -1).map(({ when }) => when + 1));
  await writeFile(path, JSON.stringify(journal, undefined, 2));
}

function statementsOf({ statements }: Migration): string {
  return statements.map(({ sql }) => sql.replaceAll(/\s+/g, ' ').replace(/;\s*$/, '').trim()).join('\n');
}

function notTheSame(tag: string): MigrateError {
  return new MigrateError(
    'refused',
    `The snapshot of ${tag} is lost, and drizzle-kit would not write the same statements after the others. Nothing was changed.`,
    { next: 'migrate-tui check says what to do by hand.' },
  );
}
