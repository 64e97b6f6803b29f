import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { copyFolder, copySquashed } from '../../migrations/squash-files.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import type { SquashProof } from '../../operations/squash/report.ts';
import { folderFiles, written } from '../kit/folder-files.ts';
import { kitOf, type Kit } from '../kit/kit-of.ts';
import type { ToProve } from './proven-baseline.ts';
import { ddlOf, type WholeSnapshot } from './whole-snapshot.ts';

/**
 * Whether the project's own drizzle-kit finds nothing to generate beside the squashed folder, or the same as beside the
 * folder as it is. It works on copies.
 */
export async function generateProof(toProve: Generating, signal: AbortSignal): Promise<SquashProof> {
  const { snapshot } = toProve;
  // Without a snapshot drizzle-kit would find no place to go on from.
  if (snapshot.kind === 'not-possible') return { check: 'generate', state: 'differs', says: snapshot.why };
  try {
    const { state, says } = await compared(toProve, signal);
    return { check: 'generate', state, says };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MigrateError)) throw error;
    return { check: 'generate', state: 'not-possible', says: error.message.replace(/\.$/, '') };
  }
}

interface Generating extends ToProve {
  readonly text: string;
  readonly snapshot: WholeSnapshot;
}

type Verdict = Pick<SquashProof, 'state' | 'says'>;

async function compared(
  { workspace, database, folder, range, text, snapshot }: Generating,
  signal: AbortSignal,
): Promise<Verdict> {
  if (!hasSnapshot(range.at(-1)?.file ?? '', folder.directory)) {
    return { state: 'not-possible', says: 'the last migration has no snapshot of drizzle-kit' };
  }
  const kit = await kitOf(workspace, database, { signal });
  if (!kit) return { state: 'not-possible', says: 'no configuration of drizzle-kit writes into this folder' };
  const { scratch } = workspace.places;
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(scratch, 'squash-'));
  try {
    const [squashed, original] = [join(place, 'squashed'), join(place, 'original')];
    await copySquashed({ folder, range, text, ddl: ddlOf(snapshot) }, squashed);
    const after = await generatedIn(squashed, kit, signal);
    if (after.kind === 'failed') return { state: 'not-possible', says: after.why };
    const tool = `drizzle-kit ${kit.tool.version}`;
    if (after.sql === '') return { state: 'proven', says: `the project's own ${tool} sees no difference` };
    await copyFolder(folder.directory, original);
    const before = await generatedIn(original, kit, signal);
    if (before.kind === 'generated' && before.sql === after.sql) {
      return {
        state: 'proven',
        says: `the project's own ${tool} would generate the same with and without: the schema code is ahead of the migrations`,
      };
    }
    return {
      state: 'differs',
      says: `the project's own ${tool} would generate another migration after the squash than before it`,
    };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Without one drizzle-kit would take all tables for new. */
function hasSnapshot(file: string, directory: string): boolean {
  const inFolder = join(dirname(file), 'snapshot.json');
  return (
    existsSync(inFolder) ||
    existsSync(join(directory, 'meta', `${relative(directory, file).split('_')[0]}_snapshot.json`))
  );
}

type Generated =
  { readonly kind: 'generated'; readonly sql: string } | { readonly kind: 'failed'; readonly why: string };

async function generatedIn(folder: string, kit: Kit, signal: AbortSignal): Promise<Generated> {
  const before = await folderFiles(folder);
  const out = relative(kit.config.folder, folder);
  const said = await kit.run({ command: ['generate'], out, access: 'read', signal });
  const made = written(before, await folderFiles(folder)).filter(({ file }) => file.endsWith('.sql'));
  const texts = await Promise.all(made.map(({ file }) => readFile(file, 'utf8')));
  if (texts.length > 0 || /no schema changes/i.test(said.text))
    return { kind: 'generated', sql: texts.join('\n') };
  const problem = kitProblem(said.text);
  return {
    kind: 'failed',
    why:
      problem.kind === 'asks'
        ? 'drizzle-kit asks about a rename that nobody can answer here'
        : `drizzle-kit failed: ${problem.message}`,
  };
}
