import { sha256 } from '../../src/lib/hash.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import { finishCutOff, undoSquash, writeSquash } from '../../src/migrations/squash-files.ts';
import { isBaselineOf, readManifest } from '../../src/migrations/squashed.ts';

/** Makes one file of all migrations of a folder, or puts them back. */
export async function squashOrUndo(directory: string, what: string): Promise<void> {
  finishCutOff(directory);
  const folder = await readFolder({ directory });
  const last = folder.migrations.at(-1);
  if (!last) throw new Error('No migrations.');
  if (what === 'undo') {
    const made = (await readManifest(directory)).find((squash) => isBaselineOf(last, squash));
    if (made) await undoSquash(folder, last, made);
    return;
  }
  if (folder.migrations.length < 2) return;
  const text = 'CREATE TABLE one (id integer);\n';
  const migrations = folder.migrations.map(({ tag, hash, hashWithOtherLineEnds = hash, when }) => {
    return { tag, hash, hashWithOtherLineEnds, when };
  });
  const { tag } = last;
  const squash = {
    tag,
    hash: sha256(text),
    hashWithOtherLineEnds: '',
    archive: tag,
    squashedAt: '',
    accepted: [],
    migrations,
  };
  await writeSquash({ folder, range: folder.migrations, squash, text });
}

// Started as a process of its own.
const [, program, directory, what] = process.argv;
if (program === import.meta.filename && directory !== undefined && what !== undefined) {
  await squashOrUndo(directory, what);
}
