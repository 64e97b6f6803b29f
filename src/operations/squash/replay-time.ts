import type { KeptTable } from './text.ts';

/** While a history was replayed, in milliseconds since 1970. */
export interface ReplayWindow {
  readonly from: number;
  readonly to: number;
  /** What the database that it ran in and the role that ran it are called: another replay may have others. */
  readonly names?: readonly string[];
}

/**
 * Names of tables whose rows another replay would not give: those that two replays give differently, and those with a
 * value that is the moment of the replay, which two replays within one second have in common, or its place.
 *
 * @param texts of the migrations: a value that is written there is no moment
 */
export function changingTables(
  [first, second]: readonly [readonly KeptTable[], readonly KeptTable[]],
  window: ReplayWindow,
  texts: readonly string[],
): readonly string[] {
  return first.flatMap((table) => {
    const other = second.find(({ name }) => name === table.name);
    const differs = JSON.stringify(table.rows) !== JSON.stringify(other?.rows);
    const isOfReplay = (value: string) =>
      (isIn(window, value) || isNamed(window, value)) && !texts.some((text) => text.includes(bare(value)));
    return differs || (table.how === 'inserted' && table.rows.some((row) => row.some(isOfReplay)))
      ? [table.name]
      : [];
  });
}

function bare(literal: string): string {
  return literal.startsWith("'") ? literal.slice(1, -1) : literal;
}

function isNamed({ names = [] }: ReplayWindow, literal: string): boolean {
  return names.includes(bare(literal));
}

function isIn({ from, to }: ReplayWindow, literal: string): boolean {
  const value = bare(literal);
  return moments(value).some(({ at, unit }) => at + unit > from && at <= to + slack);
}

// Clocks of SQLite and JavaScript round differently.
const slack = 1000;

interface Moment {
  readonly at: number;
  /** How much it leaves open, in milliseconds. */
  readonly unit: number;
}

/** What a value means if it is a moment: the ways in which SQLite's date functions and PostgreSQL's types write one. */
function moments(value: string): readonly Moment[] {
  if (/^\d{10}(?:\.\d+)?$/.test(value)) return [{ at: Number(value) * 1000, unit: 1000 + slack }];
  if (/^\d{13}$/.test(value)) return [{ at: Number(value), unit: slack }];
  if (/^24\d{5}\.\d+$/.test(value)) return [{ at: (Number(value) - 2_440_587.5) * day, unit: slack }];
  const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:Z|\+00(?::00)?)?)?$/.exec(value);
  if (!date) return [];
  const [, onDay = '', minutes, seconds] = date;
  const unit = minutes === undefined ? day : seconds === undefined ? 60_000 : 1000;
  const text = `${onDay}T${minutes ?? '00:00'}${seconds ?? ':00'}`;
  // In local time, too: `datetime('now', 'localtime')`.
  return [Date.parse(`${text}Z`), Date.parse(text)].map((at) => ({ at, unit: unit + slack }));
}

const day = 86_400_000;
