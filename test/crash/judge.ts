import type { RecoveryCase } from '../../src/operations/reports.ts';
import { unreachable } from '../../src/lib/unreachable.ts';

/** What is true of a half migration: known because the content of the database was seen after every statement. */
export interface Truth {
  /** After which of its statements it may have stopped: several where nothing between them changes anything. */
  readonly after: ReadonlySet<number>;
  readonly of: number;
  /** The points at which the schema is as it is now. */
  readonly sameSchema: ReadonlySet<number>;
}

export type Verdict =
  | { readonly kind: 'right'; readonly said: string }
  /** It names several places, and the true one is among them. */
  | { readonly kind: 'one of'; readonly said: string }
  /** It says that it cannot know. */
  | { readonly kind: 'undecided'; readonly said: string }
  /** It says nothing, and the schema is as if nothing had been begun: only rows would tell. */
  | { readonly kind: 'unseen'; readonly said: string }
  | { readonly kind: 'wrong'; readonly said: string };

/** Holds what `recover` said of a migration against what is true. */
export function judge(found: RecoveryCase | undefined, truth: Truth): Verdict {
  if (!found) return silence(truth);
  const said = found.verdict;
  const points = pointsOf(found, truth);
  if (points === 'undecided') return { kind: 'undecided', said };
  const isRight = points.some((point) => truth.after.has(point));
  if (!isRight) return wrong(`${said}; it stopped after ${list(truth.after)} of ${truth.of}`);
  const bad = (found.statements ?? []).find(({ state, number }) => contradicts(state, number, truth));
  if (bad)
    return wrong(`${said}; statement ${bad.number} is said to be ${bad.state}, ${list(truth.after)} ran`);
  return { kind: points.length > 1 ? 'one of' : 'right', said };
}

function silence({ after, sameSchema, of }: Truth): Verdict {
  if (after.has(0)) return { kind: 'right', said: 'nothing' };
  if (sameSchema.has(0)) return { kind: 'unseen', said: 'nothing' };
  return wrong(`nothing; it stopped after ${list(after)} of ${of}`);
}

/** The points that the words leave open. */
function pointsOf(
  { situation, verdict, after }: RecoveryCase,
  truth: Truth,
): readonly number[] | 'undecided' {
  switch (situation) {
    case 'not-started':
      return [0];
    case 'stopped':
      return after === undefined ? [] : [after];
    case 'one-of':
      return named(verdict, truth.of);
    case 'schema-complete':
      return truth.sameSchema.has(truth.of) ? [...truth.sameSchema] : [];
    case 'unrecorded':
      return [truth.of];
    case 'undecided':
    case 'cannot-replay':
      return 'undecided';
    case 'recorded-not-there':
    case 'running-elsewhere':
    case 'session-left':
    case 'renamed-records':
    case 'recorded-by-drizzle-only':
    case 'recorded-by-number-only':
    case 'recorded-by-wrangler-only':
    case 'skipped':
    case 'changed':
    case 'orphans':
    case 'regenerated-folder':
    case 'duplicate-records':
    case 'nameless-records':
    case 'half-without-file':
    case 'half-taken-back':
    case 'left-lock':
    case 'left-tables':
      return [];
    default:
      return unreachable(situation);
  }
}

/** `not started, or stopped after statement 2, 3 or 7 to 9 of 12, or finished` */
function named(verdict: string, of: number): readonly number[] {
  const numbers = verdict.replace(/ of \d+/, '');
  const points = [...numbers.matchAll(/(\d+) to (\d+)|\d+/g)].flatMap(([one, from, to]) =>
    from === undefined
      ? [Number(one)]
      : Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at),
  );
  return [
    ...(verdict.includes('not started') ? [0] : []),
    ...points.filter((point) => point < of),
    ...(verdict.includes('finished') ? [of] : []),
  ];
}

/** Wrong whichever of the possible points is the true one. */
function contradicts(state: 'ran' | 'did-not-run' | 'not-known', number: number, { after }: Truth): boolean {
  const points = [...after];
  if (state === 'ran') return points.every((point) => number > point);
  return state === 'did-not-run' && points.every((point) => number <= point);
}

function wrong(said: string): Verdict {
  return { kind: 'wrong', said };
}

function list(points: ReadonlySet<number>): string {
  return [...points].join(' or ');
}
