import { basename, join } from 'node:path';
import { inBatches } from '../lib/in-batches.ts';
import { listFolderIfThere } from './listing.ts';
import type { Listing } from './listing.ts';
import type { Companion, FolderNote, Migration } from './migration.ts';
import { companionsTool, readSqlFile, type ReadSqlOptions } from './sql-file.ts';

/** The companions of one migration, as paths. */
export interface CompanionFiles {
  readonly rollback?: string;
  readonly verify?: string;
}

/**
 * Companions by file name: `<tag>.rollback.sql` or `<tag>.down.sql`, and `<tag>.verify.sql`,
 * in the folder itself or in `<folder>.extra` beside it, which the original tools never look into.
 */
export async function findCompanions(listing: Listing): Promise<FoundCompanions> {
  const extra = await listDeep(`${listing.directory}.extra`);
  const byTag = new Map<string, CompanionFiles>();
  const found: FoundCompanion[] = [];
  for (const { directory, files } of [extra, listing]) {
    for (const name of files) {
      const [, tag, suffix] = companionName.exec(name) ?? [];
      if (tag === undefined) continue;
      const role = suffix === 'verify' ? 'verify' : 'rollback';
      found.push({ name, tag, file: join(directory, name) });
      byTag.set(tag, { ...byTag.get(tag), [role]: join(directory, name) });
    }
  }
  return { of: (tag) => byTag.get(tag) ?? {}, found };
}

export interface FoundCompanions {
  of(tag: string): CompanionFiles;
  readonly found: readonly FoundCompanion[];
}

export interface FoundCompanion {
  readonly name: string;
  readonly tag: string;
  readonly file: string;
}

/**
 * The tag and the role of a companion by its file name.
 * `.rollback` sorts after `.down`, so that it wins where both are there.
 */
export const companionName = /^(.+)\.(rollback|down|verify)\.sql$/;

/** A migration in a folder below, as wrangler's pattern allows, has its companions in one of the same name. */
async function listDeep(directory: string): Promise<Pick<Listing, 'directory' | 'files'>> {
  const { files, folders } = await listFolderIfThere(directory);
  const below = await inBatches(folders, 64, async (folder) => {
    const inside = await listDeep(join(directory, folder));
    return inside.files.map((name) => `${folder}/${name}`);
  });
  return { directory, files: [...files, ...below.flat()] };
}

/** Reads them, as the fields of a `Migration`. */
export async function readCompanions(
  files: CompanionFiles,
  { dialect }: Pick<ReadSqlOptions, 'dialect'>,
): Promise<CompanionContent> {
  const how = { dialect, tool: companionsTool } as const;
  const rollback = files.rollback === undefined ? undefined : await readSqlFile(files.rollback, how);
  const verify = files.verify === undefined ? undefined : await readSqlFile(files.verify, how);
  return {
    fields: {
      ...(rollback && { rollback: lazily(rollback) }),
      ...(verify && { verify: lazily(verify) }),
    },
    notes: [...(rollback?.notes ?? []), ...(verify?.notes ?? [])],
  };
}

export interface CompanionContent {
  readonly fields: Pick<Migration, 'rollback' | 'verify'>;
  readonly notes: readonly FolderNote[];
}

function lazily({ file, statements }: Awaited<ReturnType<typeof readSqlFile>>): Companion {
  return {
    file,
    get statements() {
      return statements();
    },
  };
}

/** A companion that belongs to no migration. */
export function strayCompanions(
  { found }: FoundCompanions,
  isTag: (tag: string) => boolean,
): readonly FolderNote[] {
  return found
    .filter(({ name, tag }) => !isTag(tag) && !isTag(basename(name, '.sql')))
    .map(({ file, tag }) => ({ file, message: `belongs to no migration: there is none named ${tag}` }));
}
