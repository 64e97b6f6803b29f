import { count, quantity } from '../../../lib/numbers.ts';
import { safe } from '../../../lib/safe-text.ts';
import type { Signs } from '../../../lib/signs.ts';
import { ago, agoAndMoment } from '../../../lib/time.ts';
import type { Finding, MigrationReport, RewrittenMigration } from '../../../operations/reports.ts';
import { columns, cutLine, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { sqlLines } from '../../present/sql.ts';
import { widthOf, wrapped } from '../../present/width.ts';
import { partOf, rowsIn } from '../../present/wrap-line.ts';
import type { Context } from '../../screen.ts';
import { itemLine } from '../environments/words.ts';

/** The SQL of a migration as rows; each is drawn only when it is in sight. */
export interface MigrationText {
  readonly body: readonly ((signs: Signs) => Line)[];
  /** First row of each statement, by its number. */
  readonly begins: ReadonlyMap<number, number>;
  /** Rows above the SQL. */
  readonly headRows: number;
}

/** The same for the same report and width: SQL of megabytes is taken apart once. */
export function bodyLines(report: MigrationReport, width: number): MigrationText {
  if (last?.report === report && last.width === width) return last.text;
  last = { report, width, text: makeText(report, width) };
  return last.text;
}

let last:
  { readonly report: MigrationReport; readonly width: number; readonly text: MigrationText } | undefined;

/** The report as if the rewritten text were the file: the same for the same two, so that it is taken apart once. */
export function asRewritten(report: MigrationReport, rewritten: RewrittenMigration): MigrationReport {
  if (kept?.report === report && kept.rewritten === rewritten) return kept.shown;
  const statements = rewritten.text
    .trimEnd()
    .split('\n--> statement-breakpoint\n')
    .map((sql, index) => ({ number: index + 1, line: 1, sql }));
  const shown = { ...report, statements, findings: [], rewritten };
  kept = { report, rewritten, shown };
  return shown;
}

let kept:
  | {
      readonly report: MigrationReport;
      readonly rewritten: RewrittenMigration;
      readonly shown: MigrationReport;
    }
  | undefined;

export function statementRow({ begins }: MigrationText, statement: number): number {
  return begins.get(statement) ?? 0;
}

function makeText(report: MigrationReport, width: number): MigrationText {
  const body: ((signs: Signs) => Line)[] = [];
  const begins = new Map<number, number>();
  const digits = String(report.statements.length).length;
  for (const { number, sql } of report.statements) {
    begins.set(number, body.length);
    for (const [index, text] of sql.split(/\r?\n/).entries()) {
      const label = index === 0 ? String(number).padStart(digits) : ' '.repeat(digits);
      const begins = rowsIn(
        safe(text.slice(0, width * mostRows), { lines: 'one' }),
        width - digits - 9,
        mostRows,
      );
      for (const [row, begin] of begins.entries()) {
        const before = row === 0 ? `  ${label}  ` : ' '.repeat(digits + 8);
        body.push((signs) => {
          const part = partOf(sqlOf(sql)[index] ?? [say(text)], begin, begins[row + 1] ?? begin + width);
          return cutLine(signs, [say(before, 'dim'), ...part], width, 'end');
        });
      }
    }
    for (const finding of report.findings.filter(({ statement }) => statement === number)) {
      body.push(...findingRows(finding, digits, width));
    }
  }
  return { body, begins, headRows: report.environments.length + 2 + (companionsOf(report) === '' ? 0 : 1) };
}

/** Of a line that is longer, such as an INSERT of megabytes, the rest is cut. */
const mostRows = 20;

/** Coloured when it is first in sight. */
function sqlOf(sql: string): readonly Line[] {
  let lines = coloured.get(sql);
  if (lines === undefined) {
    lines = sqlLines(sql);
    if (coloured.size > 500) coloured.clear();
    coloured.set(sql, lines);
  }
  return lines;
}

const coloured = new Map<string, readonly Line[]>();

function findingRows(
  { severity, message, fix }: Finding,
  digits: number,
  width: number,
): readonly ((signs: Signs) => Line)[] {
  const indent = digits + 4;
  const tone = severity === 'error' ? 'danger' : severity === 'warning' ? 'warn' : 'dim';
  const text = `${severity}: ${message}${fix === undefined ? '' : ` Safe way: ${fix}`}`.replace(
    /([^.:!?]) Safe way:/,
    '$1. Safe way:',
  );
  return wrapped(text, width - indent - 3).map((row, index) => (signs) => {
    const sign = severity === 'error' ? signs.failed : severity === 'warning' ? signs.finding : signs.nothing;
    return [say(' '.repeat(indent)), say(index === 0 ? `${sign} ` : '  ', tone), say(row, tone)];
  });
}

/** Where it is applied since when, and the rule over the SQL. */
export function headLines(
  signs: Signs,
  report: MigrationReport,
  view: {
    readonly context: Context;
    readonly text: MigrationText;
    readonly from: number;
    readonly page: number;
  },
): readonly Line[] {
  const { context, text, from, page } = view;
  const rows = text.body.length;
  const inSight =
    rows > page ? `, rows ${count(from + 1)} to ${count(Math.min(from + page, rows))} of ${count(rows)}` : '';
  const title = `${quantity(report.statements.length, 'statement')}, ${aboutText(report)}${inSight}`;
  const companions = companionsOf(report);
  return [
    ...whereLines(signs, report, context),
    ...(companions === '' ? [] : [[say(`  ${companions}`, 'dim')]]),
    [],
    rule(signs, context.columns, [{ at: 3, title }]),
  ];
}

/** A row for each environment. */
function whereLines(signs: Signs, { tag, environments }: MigrationReport, context: Context): readonly Line[] {
  const longest = Math.max(0, ...environments.map(({ environment }) => widthOf(environment)));
  const name = Math.min(longest, 24) + 2;
  const room = Math.max(1, context.columns - name - 18);
  const now = new Date(context.now);
  return environments.map(({ environment, state, appliedAt }) => {
    const word: Line =
      state === 'unreachable'
        ? [say(`${signs.unknown} unreachable`, 'warn')]
        : itemLine(signs, { tag, state }, 'wide');
    const at = appliedAt === undefined ? '' : agoAndMoment(appliedAt, now);
    const short = appliedAt === undefined ? '' : ago(appliedAt, now);
    return columns(signs, [
      { content: `  ${environment}`, width: name, cut: 'middle' },
      { content: '', width: 2 },
      { content: word, width: 16 },
      { content: say(at.length <= room ? at : short, 'dim'), width: room },
    ]);
  });
}

/** What the rules found in the SQL, or for whom it is another one than the file's. */
function aboutText({ findings, rewritten }: MigrationReport): string {
  if (!rewritten) return findings.length === 0 ? 'nothing to mind' : quantity(findings.length, 'finding');
  const kept = rewritten.keeps.map(({ table }) => table).join(', ');
  return `rewritten for ${rewritten.environment}, ${kept} as before`;
}

function companionsOf({ companions }: MigrationReport): string {
  const { rollback, verify } = companions;
  return [rollback && `rollback file ${rollback}`, verify && `verify file ${verify}`]
    .filter(Boolean)
    .join(', ');
}
