import { count } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { changedParts, type Parts } from '../../schema/parts.ts';
import type { Diagnosis, Replayed } from './diagnosis.ts';
import { leavesNothing } from './diagnosis.ts';

/** The verdict in words that stand behind `<tag>: `. */
export function sayDiagnosis(diagnosis: Diagnosis): string {
  switch (diagnosis.kind) {
    case 'not-started':
      return 'not started';
    case 'stopped':
      return `stopped after statement ${count(diagnosis.after)} of ${count(diagnosis.of)}`;
    case 'one-of':
      return sayPoints(diagnosis);
    case 'schema-complete':
      return 'schema complete, data unproven';
    case 'unrecorded':
      return 'finished, not recorded';
    case 'recorded-not-there':
      return 'recorded, not there';
    case 'undecided':
      return 'undecided: the schema fits no point of it';
    case 'running-elsewhere':
      return `still running: ${diagnosis.by}@${diagnosis.host} since ${moment(diagnosis.since)}`;
    case 'session-left':
      return 'still at work on the server, for a run that was cut off';
    case 'cannot-replay':
      return sayWhere(diagnosis);
    default:
      return unreachable(diagnosis);
  }
}

function sayPoints({ points, of }: Extract<Diagnosis, { kind: 'one-of' }>): string {
  const inside = points.filter((point) => point > 0 && point < of);
  return [
    ...(points.includes(0) ? ['not started'] : []),
    ...(inside.length > 0 ? [`stopped after statement ${ranges(inside)} of ${count(of)}`] : []),
    ...(points.includes(of) ? ['finished'] : []),
  ].join(', or ');
}

function sayWhere({ tag, statement, why }: Extract<Diagnosis, { kind: 'cannot-replay' }>): string {
  if (tag === undefined) return `history cannot be replayed: ${why}`;
  const where = statement === undefined ? tag : `${tag}, statement ${statement},`;
  return `history cannot be replayed, at ${where} because ${why}`;
}

/** `2, 3 or 7 to 9`. */
function ranges(numbers: readonly number[]): string {
  const runs: (readonly [number, number])[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) runs.splice(-1, 1, [last[0], number]);
    else runs.push([number, number]);
  }
  const said = runs.flatMap(([from, to]) =>
    to === from ? [`${from}`] : to === from + 1 ? [`${from}`, `${to}`] : [`${from} to ${to}`],
  );
  return said.length < 2 ? said.join('') : `${said.slice(0, -1).join(', ')} or ${said.at(-1)}`;
}

/** What was seen in the target. */
export interface Seen {
  readonly target: Parts;
  /** The points at which it may be; empty when it fits none. */
  readonly fits: ReadonlySet<number>;
  /** Keys in which it differs from the nearest point. */
  readonly differing: readonly string[];
}

/** What the verdict rests on, in plain words: of the last statement that was seen, and of the next that was not. */
export function evidenceOf(replayed: Replayed, { target, fits, differing }: Seen): readonly string[] {
  const { points, statements, failure } = replayed;
  const say = (key: string) => sayPart(key, { points, target });
  const failed = failure
    ? [`Statement ${failure.statement} does not run in the replay either: ${failure.why}.`]
    : [];
  if (fits.size === 0) return [...differing.slice(0, most).map((key) => `${say(key)}.`), ...failed];
  const first = Math.min(...fits);
  const last = Math.max(...fits);
  const changes = points.map((after, index) => keysChanged(points[index - 1], after));
  const seen = changes.findLastIndex((keys, number) => number <= first && keys.length > 0);
  const next = changes.findIndex((keys, number) => number > last && keys.length > 0);
  return [
    ...trace('Seen', seen, changes, say),
    ...trace('Not seen', next, changes, (key) =>
      target.has(key) && points[next]?.has(key) === false ? `${key} is still there` : say(key),
    ),
    ...(first > 0 && last === statements.length && points.length > last && seen > 0
      ? ['No change of the schema that it makes is missing.']
      : []),
    ...silent(statements, first, last, changes),
    ...failed,
  ];
}

const most = 4;

/** A table that comes takes its columns along, one that goes everything on it: only the table is named. */
function keysChanged(before: Parts | undefined, after: Parts): readonly string[] {
  if (!before || before === after) return [];
  const keys = [...changedParts(before, after)].toSorted((a, b) => rank(a) - rank(b));
  const come = new Set(keys.filter((key) => key.startsWith('table ') && !before.has(key)).map(tableIn));
  const gone = new Set(keys.filter((key) => key.startsWith('table ') && !after.has(key)).map(tableIn));
  return keys.filter((key) => {
    const part = after.get(key) ?? before.get(key);
    if (!part || part.type === 'table') return true;
    const isInside = part.type === 'column' || part.type === 'constraint';
    return !gone.has(part.table) && !(isInside && come.has(part.table));
  });
}

const tableIn = (key: string) => key.slice('table '.length);
const rank = (key: string) => (key.startsWith('table ') ? 0 : 1);

function trace(
  what: 'Seen' | 'Not seen',
  number: number,
  changes: readonly (readonly string[])[],
  say: (key: string) => string,
): readonly string[] {
  const keys = changes[number] ?? [];
  if (keys.length === 0) return [];
  const more = keys.length > most ? `, and ${count(keys.length - most)} more` : '';
  return [`${what} of statement ${number}: ${keys.slice(0, most).map(say).join(', ')}${more}.`];
}

function sayPart(
  key: string,
  { points, target }: { readonly points: readonly Parts[]; readonly target: Parts },
): string {
  const there = target.get(key)?.value;
  if (there === undefined) return `${key} does not exist`;
  const values = points.map((point) => point.get(key)?.value);
  const at = values.indexOf(there);
  if (at === -1) return `${key} is there in a form that no statement makes`;
  const others = values.filter((value) => value !== undefined && value !== there);
  if (others.length === 0) return `${key} exists`;
  return at === 0 ? `${key} is as it was before` : `${key} is as statement ${at} makes it`;
}

function silent(
  statements: Replayed['statements'],
  first: number,
  last: number,
  changes: readonly (readonly string[])[],
): readonly string[] {
  const between = statements.flatMap((_, index) => (index >= first && index < last ? [index + 1] : []));
  const quiet = between.filter((number) => changes[number]?.length === 0);
  if (quiet.length === 0) return [];
  const nothing = quiet.every((number) => leavesNothing(statements[number - 1]?.sql ?? ''));
  const subject = quiet.length === 1 ? `Statement ${quiet[0]} leaves` : `Statements ${and(quiet)} leave`;
  const it = quiet.length === 1 ? 'it' : 'they';
  return nothing
    ? [`${subject} nothing in a database, whether ${it} ran or not.`]
    : [`${subject} no trace in a schema, so ${it} ${mayOrNot}`];
}

/** The end of a sentence about statements that a schema tells nothing of. */
export const mayOrNot = 'may have run or not.';

const and = (numbers: readonly number[]) => ranges(numbers).replace(/ or (?=[^ ]+(?: to \d+)?$)/, ' and ');
