/**
 * What values lose on the way from one type to another without a word of PostgreSQL's: casts round, and leave out.
 *
 * @param from as the catalogue writes it, such as `numeric(12,4)`; of a domain, what it is over
 */
export function roundingNotes(column: string, from: string, to: string): readonly string[] {
  return [...numbers(column, from, to), ...moments(column, from, to)];
}

function numbers(column: string, from: string, to: string): readonly string[] {
  if (isInteger(to) && isNumber(from) && digitsOf(from) > 0)
    return [`Values of ${column} are rounded to whole numbers.`];
  if (to.startsWith('numeric(') && digitsOf(from) > digitsOf(to))
    return [`Values of ${column} are rounded to ${digitsOf(to)} digits behind the point.`];
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
  if (!next || from === to) return [];
  const zoned = [old, next].filter((moment) => moment?.isZoned === true);
  const isZoneMissing =
    old !== undefined && old.word !== 'time' && next.word !== 'time' && zoned.length === 1;
  const holdsTime = old?.word !== 'date';
  return [
    ...(next.word === 'date' && holdsTime ? [`The time of day in ${column} is lost.`] : []),
    ...(next.word === 'time' && old?.word !== 'time' ? [`The day in ${column} is lost.`] : []),
    ...(holdsTime && next.digits < (old?.digits ?? 6)
      ? [`Values of ${column} are rounded to ${next.digits} digits of a second.`]
      : []),
    ...(isZoneMissing ? [`Values of ${column} go over in the time zone of the session that runs this.`] : []),
  ];
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
