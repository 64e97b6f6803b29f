import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { DriftTableReport, DriftTableTarget } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf } from '../../present/width.ts';
import type { RequestOf } from '../../screen.ts';
import { answerPage, type Rows, type RowsView } from '../answer-page.tsx';

/** Every environment beside its own migrations: a line each, with the fingerprint that tells equal schemas at a glance. */
export const driftAll = answerPage<'drift-all', DriftTableReport>({
  name: 'drift-all',
  args: () => ['drift', '--all'],
  what: () => 'reading every environment and replaying its migrations in an empty database',
  accept: (report) => (report.kind === 'drift-all' ? report : undefined),
  // What it found is part of their status from now on.
  answered: () => [{ kind: 'refresh' }],
  header: (_request, answered) => ({
    path: ['compare', 'all'],
    right: answered === undefined ? [] : [{ text: countWords(answered.report), tone: 'dim' }],
  }),
  rows,
  bindings: [
    {
      keys: ['enter'],
      action: 'open',
      label: 'what differs',
      help: 'the environment under the cursor beside its migrations, object by object',
      group: 'open',
      footer: 1,
    },
  ],
  act: (action, { answer, at }) => {
    const row = rowsOf(answer)[at];
    if (action !== 'open' || row === undefined) return [];
    return [
      { kind: 'database', name: row.target.database },
      { kind: 'open', request: { screen: 'drift', environment: row.environment } },
    ];
  },
});

interface TableRow {
  readonly environment: string;
  readonly target: DriftTableTarget;
}

function rowsOf({ environments }: DriftTableReport): readonly TableRow[] {
  return environments.flatMap(({ environment, targets }) =>
    targets.map((target) => ({ environment, target })),
  );
}

function countWords(report: DriftTableReport): string {
  const all = rowsOf(report);
  const differ = all.filter(({ target }) => target.state === 'differs').length;
  return `${differ} of ${quantity(all.length, 'database')} drifted`;
}

function rows(report: DriftTableReport, view: RowsView<RequestOf<'drift-all'>>): Rows {
  const { signs, context, at } = view;
  const { columns: width } = context;
  const all = rowsOf(report);
  const widths = widthsOf(all, width);
  const several = new Set(all.map(({ target }) => target.database)).size > 1;
  const lines = all.map((row, index) => tableLine(signs, row, { here: index === at, widths, several }));
  const chosen = all[at];
  return { lines, items: all.length, cursor: at, about: chosen ? chosenLines(signs, chosen, width) : [] };
}

interface Widths {
  readonly name: number;
  readonly state: number;
  readonly fingerprint: number;
  readonly at: number;
}

/** What is narrow loses the migration first, then the fingerprint. */
function widthsOf(all: readonly TableRow[], width: number): Widths {
  const longest = Math.max(0, ...all.map((row) => widthOf(nameOf(row)))) + 2;
  const name = Math.min(longest, Math.floor(width * 0.35));
  const state = Math.min(24, width - name - 2);
  const left = width - name - state - 2;
  const fingerprint = left >= 14 ? 14 : 0;
  return { name, state, fingerprint, at: left - fingerprint < 12 ? 0 : left - fingerprint };
}

function nameOf({ environment, target }: TableRow): string {
  return `${environment}, ${target.database}`;
}

function tableLine(
  signs: Signs,
  row: TableRow,
  { here, widths, several }: { readonly here: boolean; readonly widths: Widths; readonly several: boolean },
): Line {
  const { target, environment } = row;
  return columns(signs, [
    { content: say(here ? signs.cursor : '', 'accent'), width: 2 },
    {
      content: say(several ? nameOf(row) : environment, here ? 'strong' : 'text'),
      width: widths.name,
      cut: 'middle',
    },
    { content: stateOf(signs, target), width: widths.state },
    { content: say(target.fingerprint?.slice(0, 12) ?? '', 'dim'), width: widths.fingerprint },
    { content: say(target.at === undefined ? '' : `at ${target.at}`), width: widths.at, cut: 'middle' },
  ]);
}

function stateOf(signs: Signs, { state, objects = 0, ignored = 0 }: DriftTableTarget): Line {
  switch (state) {
    case 'equal':
      return [say(signs.done, 'ok'), say(` no drift${ignored > 0 ? `, ${ignored} allowed` : ''}`, 'dim')];
    case 'differs':
      return [
        say(
          `${signs.differs} ${quantity(objects, 'object')} ${objects === 1 ? 'differs' : 'differ'}`,
          'warn',
        ),
      ];
    case 'missing':
      return [say(`${signs.nothing} not there yet`, 'dim')];
    case 'not-replayed':
      return [say(`${signs.unknown} cannot be replayed`, 'warn')];
    case 'unreachable':
      return [say(`${signs.unknown} unreachable`, 'warn')];
    default:
      return unreachable(state);
  }
}

function chosenLines(signs: Signs, row: TableRow, width: number): readonly Line[] {
  const { target } = row;
  const text = target.why ?? saysOf(target);
  return [rule(signs, width, [{ at: 3, title: nameOf(row) }]), ...paragraph(text, { width })];
}

function saysOf({ state, fingerprint }: DriftTableTarget): string {
  const hash = fingerprint === undefined ? '' : ` Its fingerprint: ${fingerprint}.`;
  switch (state) {
    case 'equal':
      return `It is what its migrations say. Equal fingerprints are equal schemas.${hash}`;
    case 'differs':
      return `It is not what its migrations say: enter shows what differs.${hash}`;
    case 'missing':
      return 'The database does not exist yet; a deploy makes it.';
    case 'not-replayed':
      return 'Its migrations give nothing to compare with.';
    case 'unreachable':
      return 'It did not answer. Nothing was changed. r asks again.';
    default:
      return unreachable(state);
  }
}
