import { count, quantity } from '../../lib/numbers.ts';
import type { StatusItem } from '../../operations/reports.ts';
import { numberOf } from '../present/evidence.ts';
import type { ChosenWay, Context, RequestOf } from '../screen.ts';
import { writeBlocked, type Meant } from './bookkeeping.ts';
import { isHalfFinished } from './jobs.ts';

/** Why the migration that is meant, and what came after it, cannot be taken back now; undefined: it can. */
export function rollbackBlocked(meant: Meant, context: Context): string | undefined {
  const found = rangeOf(meant, context);
  return 'why' in found ? found.why : undefined;
}

/** The review of it; of an environment without a migration that is meant, the newest one is taken back. */
export function rollbackOf(meant: Meant, context: Context): RequestOf<'review'> {
  const { environment } = meant;
  const found = rangeOf(meant, context);
  if ('why' in found) return { screen: 'review', environment, begin: 'look' };
  return { screen: 'review', environment, begin: 'look', way: rollbackWay(environment, found) };
}

/** The same on the command line. */
export function rollbackWords(meant: Meant, context: Context): readonly string[] {
  const found = rangeOf(meant, context);
  return ['rollback', meant.environment, '--to', 'why' in found ? 'TAG' : found.to];
}

interface Range {
  readonly database: string;
  /** The newest that stays. */
  readonly to: string;
  /** Newest first. */
  readonly tags: readonly string[];
  readonly statements: number;
}

function rangeOf({ environment: name, item }: Meant, context: Context): Range | { readonly why: string } {
  const asked = writeBlocked(name, context);
  if (asked !== undefined) return { why: asked };
  const environment = context.environments.get(name);
  if (environment && isHalfFinished(environment)) return { why: `finish ${name} first` };
  const target = environment?.status?.targets.find(({ database }) => database === context.database);
  if (!target) return { why: 'not known yet what is applied' };
  const applied = target.items.filter(isRecorded);
  const from = item === undefined ? applied.length - 1 : applied.findIndex(({ tag }) => tag === item.tag);
  const range = applied.slice(Math.max(0, from));
  if (applied.length === 0) return { why: `nothing is applied in ${name}` };
  if (from < 0) return { why: `${item?.tag ?? 'it'} is not applied in ${name}` };
  const rollbacks = rollbacksIn(target.database, context);
  const why = range.toReversed().flatMap((one) => whyNot(one, rollbacks) ?? [])[0];
  if (why !== undefined) return { why };
  return {
    database: target.database,
    to: applied[from - 1]?.tag ?? 'nothing',
    tags: range.map(({ tag }) => tag).toReversed(),
    statements: range.reduce((sum, { tag }) => sum + (rollbacks.get(tag) ?? 0), 0),
  };
}

function isRecorded({ state }: StatusItem): boolean {
  return state === 'applied' || state === 'changed' || state === 'orphan' || state === 'squashed';
}

function whyNot({ tag, state }: StatusItem, rollbacks: ReadonlyMap<string, number>): string | undefined {
  switch (state) {
    case 'changed':
      return `${numberOf(tag)} was edited after it was applied`;
    case 'orphan':
      return `${tag} has no file`;
    case 'squashed':
      return `${numberOf(tag)} became part of a squashed migration`;
    default:
      return rollbacks.has(tag) ? undefined : `${numberOf(tag)} has no rollback file`;
  }
}

/** Statements of each rollback file that there is. */
function rollbacksIn(database: string, { opening }: Context): ReadonlyMap<string, number> {
  const migrations = opening?.databases.find(({ name }) => name === database)?.migrations ?? [];
  return new Map(
    migrations.flatMap(({ tag, rollback }) => (rollback === undefined ? [] : [[tag, rollback]])),
  );
}

/** A rollback as the review takes it. */
export function rollbackWay(
  environment: string,
  { database, to, tags, statements }: Omit<Range, 'statements'> & { readonly statements: number | undefined },
): ChosenWay {
  const [newest = ''] = tags;
  const runs =
    tags.length === 1
      ? 'Runs its rollback file, which ends without its record; what it deletes is gone.'
      : `Runs ${count(tags.length)} rollback files, newest first, each of which ends without its record; what they delete is gone.`;
  return {
    found: {
      situation: 'unrecorded',
      database,
      tag: newest,
      verdict: `applied in ${environment}${tags.length === 1 ? '' : `, and ${quantity(tags.length - 1, 'migration')} before it`}`,
      evidence: [],
      options: [],
    },
    option: {
      id: 'rollback',
      recommended: false,
      allowed: true,
      why: `${runs} ${to === 'nothing' ? 'No migration stays applied' : `${to} stays applied`}.`,
    },
    takes: 'the-only-one',
    back: { to, tags, ...(statements !== undefined && { statements }) },
  };
}
