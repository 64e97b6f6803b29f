/**
 * What values lose on the way from one type to another without a word of PostgreSQL's: casts round, and leave out.
 *
 * @param from as the catalogue writes it, such as `numeric(12,4)` or `date[]`; of a domain, what it is over
 */
export function roundingNotes(column: string, from: string, to: string): readonly string[] {
  const [old = '', next = ''] = [from, to].map((type) => type.replace(/(?:\[\])+$/, ''));
  if (old === next) return [];
  return [...numbers(column, old, next), ...moments(column, old, next), ...keys(column, old, next)];
}

function numbers(column: string, from: string, to: string): readonly string[] {
  if (to === 'boolean' && isInteger(from)) return [`Every value of ${column} but 0 becomes true.`];
  if (isInteger(to) && isNumber(from) && digitsOf(from) > 0)
    return [`Values of ${column} are rounded to whole numbers.`];
  if (to.startsWith('numeric(') && digitsOf(from) > digitsOf(to))
    return [`Values of ${column} are rounded to ${digitsOf(to)} digits behind the point.`];
  if (to === 'money' && digitsOf(from) > 0)
    return [`Values of ${column} are rounded to the digits behind the point that money has.`];
  const isExact = exactIn[to]?.has(from) ?? true;
  return isExact ? [] : [`Values of ${column} with more digits than ${to} holds are rounded.`];
}

const isInteger = (type: string) => /^(?:smallint|integer|bigint)$/.test(type);
const isNumber = (type: string) => /^(?:numeric|real|double precision|money)\b/.test(type);

/** At most so many behind the point. */
function digitsOf(type: string): number {
  if (isInteger(type) || type === 'boolean') return 0;
  const [, digits] = /^numeric\(\d+,(-?\d+)\)$/.exec(type) ?? [];
  return digits === undefined ? Infinity : Number(digits);
}

const exactIn: Readonly<Record<string, ReadonlySet<string>>> = {
  real: new Set(['real', 'smallint', 'boolean']),
  'double precision': new Set(['double precision', 'real', 'integer', 'smallint', 'boolean']),
};

function moments(column: string, from: string, to: string): readonly string[] {
  const [old, next] = [momentOf(from), momentOf(to)];
  if (!next) return [];
  const holdsTime = old?.word !== 'date';
  return [
    ...(next.word === 'date' && holdsTime ? [`The time of day in ${column} is lost.`] : []),
    ...(next.word === 'time' && old?.word !== 'time' ? [`The day in ${column} is lost.`] : []),
    ...(holdsTime && next.digits < (old?.digits ?? 6)
      ? [`Values of ${column} are rounded to ${next.digits} digits of a second.`]
      : []),
    ...zones(column, old, next),
  ];
}

function zones(column: string, old: Moment | undefined, next: Moment): readonly string[] {
  const lost = `A time zone in ${column} is lost.`;
  const ofSession = 'in the time zone of the session that runs this';
  if (next.word === 'interval' || old?.word === 'interval') return [];
  if (!old && next.isZoned)
    return [`Values of ${column} in which no time zone stands are read ${ofSession}.`];
  if (!old) return next.word === 'date' ? [] : [lost];
  if (old.isZoned === next.isZoned) return [];
  return [old.word === 'time' && !next.isZoned ? lost : `Values of ${column} go over ${ofSession}.`];
}

/** https://www.postgresql.org/docs/current/datatype-json.html: of equal keys the last is kept. */
function keys(column: string, from: string, to: string): readonly string[] {
  const mayHoldThem = /^(?:json$|text$|character\b)/.test(from);
  return mayHoldThem && to === 'jsonb'
    ? [`The order of keys in ${column} is lost, and all but the last of those that are equal.`]
    : [];
}

interface Moment {
  readonly word: string;
  /** Of a second; one without a precision keeps six. */
  readonly digits: number;
  readonly isZoned: boolean;
}

function momentOf(type: string): Moment | undefined {
  const [, word, digits, zone] =
    /^(date|time|timestamp|interval)(?:\((\d)\))?(?: (with|without) time zone)?$/.exec(type) ?? [];
  if (word === undefined) return undefined;
  const kept = word === 'date' ? 6 : Number(digits ?? 6);
  return { word, digits: kept, isZoned: zone === 'with' };
}
