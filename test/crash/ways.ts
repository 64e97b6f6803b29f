import type { RecoveryOption } from '../../src/operations/reports.ts';
import { program } from '../support/program.ts';
import { tag, type Kind } from './kinds.ts';
import { contentOf, type Content, type Stand } from './stand.ts';

/** What the content may be after a way out. */
export interface Contents {
  readonly before: Content;
  /** As the dead left it. */
  readonly left: Content;
  /** After the whole migration, when nobody dies. */
  readonly whole: Content;
  /** A deploy of it. `refused`: it would take rows of other tables along on this engine; `seen`: there was one already. */
  readonly deploy: 'possible' | 'refused' | 'seen';
}

export interface Way {
  readonly stand: Stand;
  readonly kind: Kind;
  readonly option: RecoveryOption;
  readonly contents: Contents;
  readonly built: string;
}

/** Carries an option out as a person would, in a process of its own. @returns what is wrong with its end; empty: nothing */
export async function carryOut({ stand, kind, option, contents, built }: Way): Promise<string> {
  const ours = (...args: readonly string[]) => run(stand, built, args);
  const choose = ['recover', 'staging', '--choose', option.id, '--yes'];
  const first = await ours(...choose);
  // What nothing proves is answered for by name.
  const unproven = option.id === 'record' && /--accept data-unproven/.test(String(first.last?.['next']));
  const byName = ['--accept', `data-unproven:${tag}`, '--reason', 'looked at'];
  const { exitCode, last, stderr } = unproven ? await ours(...choose, ...byName) : first;
  if (exitCode !== 0) return `ended with ${exitCode}: ${JSON.stringify(last)} ${stderr}`;
  const differs = promised(option.id, kind, contents, await contentOf(stand));
  if (differs !== '') return differs;
  const verified = await ours('verify', 'staging');
  if (verified.exitCode !== 0) return `verify ended with ${verified.exitCode}: ${verified.stdout}`;
  if (!isBack(option.id) || contents.deploy !== 'possible') return '';
  const again = await ours('deploy', 'staging', '--yes');
  if (again.exitCode !== 0)
    return `the deploy after it ended with ${again.exitCode}: ${JSON.stringify(again.last)}`;
  return '';
}

export function run({ project }: Stand, built: string, args: readonly string[]) {
  return program([...args, '--json'], { cwd: project.root, env: project.env, built });
}

/** Those after which the migration is pending again. */
function isBack(id: string): boolean {
  return id === 'back-out' || id === 'undo' || id === 'restore';
}

/** Holds the rows that are there against those that the way promises. */
function promised(id: string, kind: Kind, { before, left, whole }: Contents, now: Content): string {
  switch (id) {
    case 'start-over':
    case 'resume':
    case 'run-skipped':
      return rowsDiffer(now, named(kind, whole), left);
    case 'back-out':
    case 'undo':
      return rowsDiffer(now, named(kind, before), left);
    case 'restore':
      return rowsDiffer(now, before.tables, before);
    case 'record':
    case 'remove-record':
    case 'take-over':
      return rowsDiffer(now, left.tables, left);
    default:
      return `${id} is not known to this test`;
  }
}

function named({ names }: Kind, { tables }: Content): ReadonlyMap<string, string> {
  return new Map([...tables].filter(([table]) => names.includes(table)));
}

/** @param expected the tables that the way speaks of; all others are as `others` has them */
function rowsDiffer(now: Content, expected: ReadonlyMap<string, string>, others: Content): string {
  for (const [table, rows] of now.tables) {
    const should = expected.get(table) ?? others.tables.get(table);
    if (should !== undefined && should !== rows)
      return `the rows of ${table} are ${rows || 'none'} instead of ${should || 'none'}`;
  }
  const gone = [...expected.keys()].filter((table) => !now.tables.has(table));
  return gone.length === 0 ? '' : `${gone.join(', ')} should be there`;
}
