import { portablePath } from '../../lib/portable-path.ts';
import { sha256 } from '../../lib/hash.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { isCustom } from '../../operations/squash/custom-types.ts';
import { squashFile } from '../../operations/squash/text.ts';
import type { SquashBaseline, SquashProof, SquashRequest } from '../../operations/squash/report.ts';
import type { Address, Database } from '../../project/project.ts';
import {
  makeBaseline,
  proveBaseline,
  type Baseline,
  type BaselineOptions,
  type Proven,
} from '../../runs/replay/squash-baseline.ts';
import type { Workspace } from '../workspace.ts';
import { generateProof } from './generate-proof.ts';
import type { Proving } from './review.ts';
import { wholeSnapshot, type WholeSnapshot } from './whole-snapshot.ts';

export interface ToProve {
  readonly workspace: Workspace;
  readonly database: Database;
  readonly folder: MigrationFolder;
  /** What becomes one file, in the order of running. */
  readonly range: readonly Migration[];
  /** The folder of the originals, relative to the project. */
  readonly archive: string;
  readonly accepted: SquashRequest['accepted'];
}

export interface ProvenBaseline {
  readonly baseline: SquashBaseline;
  readonly text: string;
  readonly snapshot: WholeSnapshot;
  readonly proof: readonly SquashProof[];
  /** Tables whose rows another replay would not give, and that nobody accepted. */
  readonly changing: readonly string[];
}

/** Builds the file in one scratch database and proves it in another, under the rules of every engine it is for. */
export async function provenBaseline(
  toProve: ToProve,
  { signal, onProof }: Proving,
): Promise<ProvenBaseline> {
  const { workspace, database, range } = toProve;
  const places = placesOf(workspace, database);
  const options = { bookkeeping: database.table, signal };
  const made = await makeBaseline(range, { ...options, ...places[0] });
  const text = textOf(made, toProve);
  const changing = made.changing.filter((table) => !toProve.accepted.some((one) => one.table === table));
  const proof: SquashProof[] = [];
  const tell = (one: SquashProof) => {
    proof.push(one);
    onProof(one);
  };
  tell(repeatable(made, changing));
  const proven: Proven[] = [];
  for (const place of places) proven.push(await proveBaseline(text, made, { ...options, ...place }));
  const worst = proven.find(({ kind }) => kind !== 'same') ?? { kind: 'same' as const };
  tell(schemaProof(worst, made));
  tell(rowsProof(worst, made));
  const snapshot = await wholeSnapshot(range, signal);
  tell(await generateProof({ ...toProve, text, snapshot }, signal));
  return { text, snapshot, changing, baseline: baselineOf(made, text, toProve), proof };
}

function textOf({ statements }: Baseline, { range, archive }: ToProve): string {
  const [from, to] = [range[0]?.tag ?? '', range.at(-1)?.tag ?? ''];
  return squashFile(statements, { from, to, count: range.length, archive });
}

function baselineOf(made: Baseline, text: string, { workspace, range }: ToProve): SquashBaseline {
  const last = range.at(-1);
  return {
    tag: last?.tag ?? '',
    file: portablePath(workspace.project.root, last?.file ?? ''),
    hash: sha256(text),
    sql: text,
    statements: made.statements.length,
    fingerprint: made.fingerprint,
    rows: rowsIn(made),
    custom: customIn(made),
  };
}

/** Under which rules, and where, a history is replayed. */
type Place = Pick<BaselineOptions, 'like' | 'scratch'>;

/** D1's rules first: what runs there runs everywhere. */
function placesOf(
  { project }: Workspace,
  { name, bookkeeping, dialect }: Database,
): readonly [Place, ...Place[]] {
  const addresses = project.environments.flatMap(({ targets }) =>
    targets.filter(({ database }) => database === name).map(({ address }) => address),
  );
  if (dialect === 'postgres') return [{ like: 'pglite', scratch: namedScratch(addresses) }];
  const kinds = addresses.map(({ kind }) => kind);
  const d1 = bookkeeping === 'd1' || kinds.some((kind) => kind === 'd1-local' || kind === 'd1-remote');
  const other = kinds.some((kind) => kind.startsWith('libsql'));
  const memory = { like: 'libsql-memory' } as const;
  if (d1) return other ? [{ like: 'd1-local' }, memory] : [{ like: 'd1-local' }];
  return [memory];
}

/** The server that a target names for what is tried out: it has its extensions, and may be asked for a database. */
function namedScratch(addresses: readonly Address[]): Place['scratch'] {
  return addresses.flatMap((address) => (address.kind === 'postgres' ? (address.scratch ?? []) : []))[0];
}

function rowsIn({ left }: Baseline): SquashBaseline['rows'] {
  return left.tables
    .filter(({ rows, how }) => rows.length > 0 && how === 'inserted')
    .map(({ name, rows }) => ({ table: name, rows: rows.length }));
}

function customIn({ left: { schema } }: Baseline): SquashBaseline['custom'] {
  return schema.objects.flatMap(({ type, name, display }): SquashBaseline['custom'] => {
    if (isCustom(type)) return [{ type, name }];
    return type === 'table' && /^CREATE VIRTUAL/i.test(display) ? [{ type: 'virtual-table', name }] : [];
  });
}

function repeatable({ changing }: Baseline, open: readonly string[]): SquashProof {
  if (changing.length === 0) {
    return {
      check: 'repeatable',
      state: 'proven',
      says: 'the history gives the same rows each time it runs',
    };
  }
  const says = `rows of ${changing.join(', ')} differ each time the history runs`;
  return open.length === 0
    ? { check: 'repeatable', state: 'accepted', says: `${says}, which is accepted` }
    : { check: 'repeatable', state: 'differs', says };
}

function schemaProof(proven: Proven, { left, fingerprint }: Baseline): SquashProof {
  if (proven.kind === 'refused') {
    return {
      check: 'schema',
      state: 'differs',
      says: `the one file does not run in an empty database: ${proven.why}`,
    };
  }
  if (proven.kind === 'differs' && proven.in === 'schema') {
    return {
      check: 'schema',
      state: 'differs',
      says: `the one file makes another ${proven.names.join(', ')}`,
    };
  }
  const objects = quantity(left.schema.objects.length, 'object');
  return {
    check: 'schema',
    state: 'proven',
    says: `both built apart: ${objects}, fingerprint ${fingerprint.slice(0, 8)}`,
  };
}

function rowsProof(proven: Proven, made: Baseline): SquashProof {
  if (proven.kind === 'refused' || (proven.kind === 'differs' && proven.in === 'schema')) {
    return { check: 'rows', state: 'not-possible', says: 'rows are compared once the schemas are the same' };
  }
  if (proven.kind === 'differs') {
    return {
      check: 'rows',
      state: 'differs',
      says: `the one file leaves other rows in ${proven.names.join(', ')}`,
    };
  }
  const rows = rowsIn(made);
  const total = rows.reduce((sum, one) => sum + one.rows, 0);
  const each = rows.map((one) => `${one.table} ${one.rows}`).join(', ');
  const says =
    total === 0 ? 'migrations insert none' : `${quantity(total, 'row')} that migrations insert: ${each}`;
  return { check: 'rows', state: 'proven', says };
}
