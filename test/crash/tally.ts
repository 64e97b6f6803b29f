import type { EngineName } from './stand.ts';
import type { Verdict } from './judge.ts';

/** One way of dying at one place, and what was said of it. */
export interface Cell {
  readonly engine: EngineName;
  readonly kind: string;
  readonly by: 'another tool' | 'a run of ours';
  readonly death: string;
  readonly point: string;
  readonly ledger: 'kept' | 'deleted';
  readonly verdict: Verdict | { readonly kind: 'cannot be'; readonly said: string };
}

/** One allowed way out, carried out on a copy of the target as it was left. */
export interface Carried {
  readonly engine: EngineName;
  readonly kind: string;
  readonly point: string;
  readonly option: string;
  readonly result: 'good' | 'bad';
  /** What is wrong. */
  readonly why: string;
}

/** What was seen, as it is counted and printed. */
export interface Tally {
  readonly cells: Cell[];
  readonly ways: Carried[];
}

export function wrongIn({ cells, ways }: Tally): readonly string[] {
  return [
    ...cells
      .filter(({ verdict }) => verdict.kind === 'wrong')
      .map((cell) => `${nameOf(cell)}, ledger ${cell.ledger}: ${cell.verdict.said}`),
    ...ways
      .filter(({ result }) => result === 'bad')
      .map((way) => `${nameOf(way)}, ${way.option}: ${way.why}`),
  ];
}

function nameOf(of: Cell | Carried): string {
  const where = `${of.engine}, ${of.kind}`;
  return 'death' in of ? `${where}, ${of.by}, ${of.death}, ${of.point}` : `${where}, ${of.point}`;
}

/** The matrix with its counts, as text. */
export function printed({ cells, ways }: Tally): string {
  return [
    ...tables(cells),
    '',
    'ways out carried out, by option:',
    ...table(
      ways,
      ({ option }) => option,
      ({ result }) => result,
      ['good', 'bad'],
    ),
    '',
    ...reasons(cells),
    ...unseen(cells),
    total({ cells, ways }),
  ].join('\n');
}

const verdicts = ['right', 'one of', 'undecided', 'unseen', 'wrong', 'cannot be'] as const;

function tables(cells: readonly Cell[]): readonly string[] {
  const groups = Map.groupBy(cells, ({ by, ledger }) => `left by ${by}, ledger ${ledger}:`);
  return [...groups].flatMap(([title, inside]) => [
    '',
    title,
    ...table(
      inside,
      ({ engine, kind }) => `${engine}, ${kind}`,
      ({ verdict }) => verdict.kind,
      verdicts,
    ),
    ...table(
      inside,
      ({ death }) => death,
      ({ verdict }) => verdict.kind,
      verdicts,
    ),
  ]);
}

function table<T>(
  all: readonly T[],
  row: (one: T) => string,
  column: (one: T) => string,
  columns: readonly string[],
): readonly string[] {
  const rows = Map.groupBy(all, row);
  const width = Math.max(0, ...[...rows.keys()].map((name) => name.length));
  const line = (name: string, values: readonly (string | number)[]) =>
    `  ${name.padEnd(width)}${values.map((value) => String(value).padStart(11)).join('')}`;
  return [
    line('', columns),
    ...[...rows]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inside]) =>
        line(
          name,
          columns.map((each) => inside.filter((one) => column(one) === each).length),
        ),
      ),
  ];
}

function reasons(cells: readonly Cell[]): readonly string[] {
  const without = cells.filter(({ verdict }) => verdict.kind === 'cannot be');
  const groups = Map.groupBy(
    without,
    ({ engine, death, verdict }) => `  ${engine}, ${death}: ${verdict.said}`,
  );
  if (groups.size === 0) return [];
  return ['cells that cannot be:', ...[...groups].map(([why, inside]) => `${why} (${inside.length})`), ''];
}

function unseen(cells: readonly Cell[]): readonly string[] {
  const count = cells.filter(({ verdict }) => verdict.kind === 'unseen').length;
  if (count === 0) return [];
  return [
    `unseen (${count}): only rows were changed, which no schema tells, and no ledger knows the other tool`,
    '',
  ];
}

function total({ cells, ways }: Tally): string {
  const real = cells.filter(({ verdict }) => verdict.kind !== 'cannot be');
  const of = (kind: string) => real.filter(({ verdict }) => verdict.kind === kind).length;
  const bad = ways.filter(({ result }) => result === 'bad').length;
  return `${real.length} cells: ${of('right')} right, ${of('one of')} among several, ${of('undecided')} undecided, ${of('unseen')} unseen, ${of('wrong')} wrong; ${ways.length} ways out carried out, ${bad} bad`;
}
