import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { readSqlFile } from '../../migrations/sql-file.ts';
import { writeSquash } from '../../migrations/squash-files.ts';
import type { Squash } from '../../migrations/squashed.ts';
import type { SquashRequest } from '../../operations/squash/report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { inPlace } from './in-place.ts';
import { ddlOf, type WholeSnapshot } from './whole-snapshot.ts';

export interface ToWrite {
  readonly database: Database;
  readonly folder: MigrationFolder;
  readonly range: readonly Migration[];
  /** Its last, which gives the one file its name and its time. */
  readonly last: Migration;
  /** Of the one file, as it was proven. */
  readonly text: string;
  readonly snapshot: WholeSnapshot;
  readonly accepted: SquashRequest['accepted'];
}

/**
 * Puts what was proven in its place, in one step that nothing interrupts.
 *
 * @throws MigrateError `target-changed` where a file is another one than was proven; `storage`
 */
export async function write(workspace: Workspace, toWrite: ToWrite): Promise<void> {
  const { folder, range, text, snapshot } = toWrite;
  await refuseMoved(folder, range);
  const squash = await squashOf(workspace, toWrite);
  await inPlace(folder.directory, () => writeSquash({ folder, range, squash, text, ddl: ddlOf(snapshot) }));
}

/** The proof took a while; what it proved must still be what is there. */
async function refuseMoved({ directory }: MigrationFolder, range: readonly Migration[]): Promise<void> {
  for (const { tag, file, hash } of range) {
    if (existsSync(file) && (await readSqlFile(file)).hash === hash) continue;
    throw new MigrateError(
      'target-changed',
      `${tag} in ${directory} was edited meanwhile. Nothing was written.`,
      { next: 'Run it again.' },
    );
  }
}

/** As the manifest keeps it. */
async function squashOf(
  workspace: Workspace,
  { database, range, last: { tag }, text, accepted }: ToWrite,
): Promise<Squash> {
  const { nameOf } = await workspace.bookkeepingOf(database);
  return {
    tag,
    hash: sha256(text),
    hashWithOtherLineEnds: sha256(text.replaceAll('\n', '\r\n')),
    archive: basename(tag).replace(/[^\w.-]/g, '-'),
    squashedAt: new Date().toISOString(),
    accepted,
    migrations: range.map((migration) => {
      const name = nameOf(migration);
      const { hash, hashWithOtherLineEnds = hash, when } = migration;
      return {
        tag: migration.tag,
        hash,
        hashWithOtherLineEnds,
        when,
        ...(name === undefined ? {} : { name }),
      };
    }),
  };
}
