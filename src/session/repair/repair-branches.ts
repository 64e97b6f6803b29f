import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import type { Migration } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { branchOf, type BranchNode } from '../../operations/history/branches.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import type { KitSaid } from '../../runs/kit/run-kit.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import type { Dialect } from '../../sql/statement.ts';
import { kitNeededFor, type Kit } from '../kit/kit-of.ts';
import { proveRuns } from './prove-order.ts';
import type { RepairedCopy } from './repair.ts';
import { replayedLike, type ToRepair } from './to-repair.ts';
import type { WhyStays } from './where-run.ts';

/**
 * A folder of Drizzle 1.0: drizzle-kit itself says which branches do not go together. One of the two is taken away, and
 * drizzle-kit writes what is then missing after the other. Undefined: nothing contradicts itself.
 */
export async function repairBranches(toRepair: ToRepair): Promise<RepairedCopy | undefined> {
  const { workspace, database, copy, signal } = toRepair;
  const kit = await kitNeededFor(workspace, database, { signal });
  const { dialect } = database;
  const how = { kit, copy, dialect, root: workspace.project.root, signal };
  const taken: Migration[] = [];
  let why: WhyStays | undefined;
  for (let found = await conflictIn(how); found; found = await conflictIn(how)) {
    why ??= await toRepair.why();
    const branch = await freeBranch(how, found, why);
    for (const migration of branch) await rm(join(copy, migration.tag), { recursive: true });
    taken.push(...branch);
  }
  const [first, ...others] = taken.map(({ tag }) => tag);
  if (first === undefined) return undefined;
  const made = await generated(how, nameOf(others.at(-1) ?? first));
  await proveRuns({ copy, dialect }, replayedLike(toRepair));
  return { kind: 'replaced', from: [first, ...others], ...made };
}

interface How {
  readonly kit: Kit;
  readonly copy: string;
  readonly dialect: Dialect;
  readonly root: string;
  readonly signal: AbortSignal;
}

/** The newest migrations of two branches that do not go together; undefined: all do. */
async function conflictIn({ kit, copy, root, signal }: How): Promise<readonly string[] | undefined> {
  const out = relative(kit.config.folder, copy);
  const said = await kit.run({ command: ['check', '--output', 'json'], out, access: 'read', signal });
  const answer = answerIn(said);
  if (answer === undefined) throw kitFailure('check', said, { root });
  if (answer.status === 'ok') return undefined;
  const leaves = answer.error?.details?.[0]?.branches?.flatMap(({ leafId }) => leafId ?? []) ?? [];
  if (answer.error?.kind === 'conflicts' && leaves.length === 2) return leaves;
  throw new MigrateError('refused', `drizzle-kit check says: ${answer.error?.kind ?? said.text}`, {
    next: 'Bring the files back from version control; migrate-tui check shows all that it says.',
  });
}

interface CheckAnswer {
  readonly status: string;
  readonly error?: {
    readonly kind?: string;
    readonly details?: readonly { readonly branches?: readonly { readonly leafId?: string | null }[] }[];
  };
}

/** What the configuration prints stands before it. */
function answerIn({ text }: KitSaid): CheckAnswer | undefined {
  const line = text.split('\n').findLast((one) => one.startsWith('{"status"'));
  const read = line === undefined ? undefined : parseJson(line);
  return read?.kind === 'read' && isAnswer(read.value) ? read.value : undefined;
}

function isAnswer(value: unknown): value is CheckAnswer {
  return typeof value === 'object' && value !== null && 'status' in value;
}

/** The later branch, or the other where that has run somewhere. */
async function freeBranch(
  { copy, dialect }: Pick<How, 'copy' | 'dialect'>,
  leaves: readonly string[],
  why: WhyStays,
): Promise<readonly Migration[]> {
  const { migrations } = await readFolder({ directory: copy, dialect });
  const nodes = await Promise.all(migrations.map(({ tag }) => nodeOf(copy, tag)));
  const branches = leaves
    .map((leaf) =>
      branchOf(
        leaf,
        leaves.filter((other) => other !== leaf),
        nodes,
      ),
    )
    .filter((branch) => branch.length > 0)
    .toSorted((a, b) => ((a.at(-1)?.tag ?? '') < (b.at(-1)?.tag ?? '') ? 1 : -1));
  const free = branches.find((branch) => branch.every(({ tag }) => why(tag) === undefined));
  if (!free) {
    const reasons = branches.flatMap((branch) => branch.map(({ tag }) => why(tag)).find((one) => one) ?? []);
    throw new MigrateError('refused', `${reasons.join(' ')} Nothing was changed.`, {
      next: 'What has run stays. drizzle-kit generate --ignore-conflicts writes a migration that goes on from both branches.',
    });
  }
  const tags = new Set(free.map(({ tag }) => tag));
  const taken = migrations.filter(({ tag }) => tags.has(tag));
  refuseOwnStatements(taken);
  return taken;
}

async function nodeOf(copy: string, tag: string): Promise<BranchNode> {
  const snapshot: { readonly id: string; readonly prevIds: readonly string[] } = JSON.parse(
    await readFile(join(copy, tag, 'snapshot.json'), 'utf8'),
  );
  return { tag, id: snapshot.id, prevIds: snapshot.prevIds };
}

/** drizzle-kit knows the schema code only: what a person wrote would be gone. */
function refuseOwnStatements(taken: readonly Migration[]): void {
  const own = taken.filter(({ statements }) => statements.some(({ sql }) => !isOfKit(sql)));
  if (own.length === 0) return;
  const tags = own.map(({ tag }) => tag).join(', ');
  throw new MigrateError(
    'refused',
    `${tags} has statements that drizzle-kit did not write, and would not write again. Nothing was changed.`,
    {
      next: `Keep its SQL aside, remove the folder of ${tags}, run migrate-tui generate, and put those statements into the new file.`,
    },
  );
}

function isOfKit(sql: string): boolean {
  return partsOf(classify(sql)).every(isKindOfKit);
}

function isKindOfKit(statement: StatementKind): boolean {
  switch (statement.kind) {
    case 'insert':
      return statement.table.startsWith('__new_');
    case 'create-table':
    case 'drop-table':
    case 'alter-table':
    case 'create-index':
    case 'drop-index':
    case 'create-view':
    case 'drop-view':
    case 'pragma':
    case 'create-schema':
    case 'drop-schema':
    case 'create-type':
    case 'alter-type':
    case 'drop-type':
    case 'create-sequence':
    case 'alter-sequence':
    case 'drop-sequence':
    case 'create-policy':
    case 'alter-policy':
    case 'drop-policy':
      return true;
    default:
      return false;
  }
}

async function generated(
  { kit, copy, dialect, root, signal }: How,
  name: string,
): Promise<{ readonly to?: string; readonly sql?: string }> {
  const before = new Set((await readFolder({ directory: copy, dialect })).migrations.map(({ tag }) => tag));
  const out = relative(kit.config.folder, copy);
  const said = await kit.run({ command: ['generate', '--name', name], out, access: 'read', signal });
  const { migrations } = await readFolder({ directory: copy, dialect });
  const made = migrations.find(({ tag }) => !before.has(tag));
  if (made) return { to: made.tag, sql: await readFile(made.file, 'utf8') };
  if (/no schema changes/i.test(said.text)) return {};
  throw kitFailure('generate', said, { root });
}

function nameOf(tag: string): string {
  return tag.replace(/^\d+_/, '');
}
