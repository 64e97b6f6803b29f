import { count } from '../../lib/numbers.ts';
import { isByNumber } from '../history/passed-by.ts';
import type { RecoveryOption, RecoveryStatement } from '../reports.ts';
import { reachedPoints } from './half-run.ts';
import type { WaysInput } from './input.ts';
import { knownStatements } from './known-statements.ts';
import { meaningOf } from './meaning.ts';
import { waysOutOf } from './open-ways.ts';
import type { Option } from './option.ts';
import { shownOption } from './shown-option.ts';
import type { WayOut } from './way-out.ts';

/** What a case of an unfinished migration is shown with, and what each allowed option would do, by its id. */
export interface WaysOut {
  /** What the rows say, in sentences. */
  readonly evidence: readonly string[];
  readonly meaning: readonly string[];
  readonly statements: readonly RecoveryStatement[];
  readonly options: readonly RecoveryOption[];
  readonly ways: ReadonlyMap<string, WayOut>;
}

/**
 * @param disproven by an option's id, why it does not end where it has to, as its replay showed
 */
export function shownWays(input: WaysInput, disproven: ReadonlyMap<string, string>): WaysOut {
  const { migration, diagnosed } = input;
  const all = waysOutOf(input).map((option) => proven(option, disproven));
  const open = all.filter((option) => option.kind === 'open');
  const best = recommended(open, input);
  const shown = [
    ...open.filter(({ id }) => id === best),
    ...open.filter(({ id }) => id !== best),
    ...all.filter(({ kind }) => kind === 'closed'),
  ];
  return {
    evidence: [...new Set(open.flatMap(({ checked }) => checked ?? []))],
    meaning: [...meaningOf(input), ...byHand(input, open)],
    statements: knownStatements(migration, reachedPoints(diagnosed.diagnosis, migration.statements.length)),
    options: shown.map((option) => withSkips(shownOption(option, best), option, input)),
    ways: new Map(open.map(({ id, way }) => [id, way])),
  };
}

function proven(option: Option, disproven: ReadonlyMap<string, string>): Option {
  const why = disproven.get(option.id);
  return option.kind === 'closed' || why === undefined ? option : { kind: 'closed', id: option.id, why };
}

type Open = Extract<Option, { kind: 'open' }>;

/** None where what is known contradicts itself; never a restore, also where nothing else is open: it loses rows. */
function recommended(
  open: readonly Open[],
  { diagnosed: { contradicted, edited } }: WaysInput,
): string | undefined {
  if (contradicted || edited === 'before-the-stop') return undefined;
  return open.find(({ id, advice }) => id !== 'restore' && advice !== 'never')?.id;
}

/** What is left to somebody who knows more than the schema and the counts tell, or has the text that ran. */
function byHand({ half, environment, diagnosed }: WaysInput, open: readonly Open[]): readonly string[] {
  if (!half || open.some(({ id }) => id !== 'restore')) return [];
  return [
    ...(diagnosed.edited === 'before-the-stop'
      ? [
          `Put the file back as it was when it ran, such as from version control, and run migrate-tui recover ${environment} again: with that text a way that goes on may be open.`,
        ]
      : []),
    `No way of finishing it is sure to be right. Whoever can tell from the rows which statements ran can run the others by hand: migrate-tui recover ${environment} then offers to record it.`,
  ];
}

/** A way that ends with a record says what that means for others. */
function withSkips(shown: RecoveryOption, option: Option, input: WaysInput): RecoveryOption {
  const records = option.kind === 'open' && (option.id === 'record' || option.way.kind === 'run');
  return records ? { ...shown, why: shown.why + skips(input) } : shown;
}

/** What a record that is newer than they are means for those that have none. */
function skips({ passedOver: [first, ...others], bookkeeping: { kind } }: WaysInput): string {
  if (first === undefined) return '';
  const which = others.length === 0 ? `${first} is` : `${first} and ${count(others.length)} more are`;
  const never = isByNumber(kind)
    ? 'a deploy does not run what has a lower number and no record'
    : 'Drizzle 0.x never runs what is older and has no record';
  return ` Afterwards ${never}: ${which} skipped until run here.`;
}
