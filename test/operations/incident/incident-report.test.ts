import { describe, expect, test } from 'vitest';
import { statementHashes } from '../../../src/operations/diagnosis/attempt.ts';
import { incidentMarkdown } from '../../../src/operations/incident/incident-report.ts';
import type { RunReport } from '../../../src/operations/reports.ts';
import { blocks, cellsOf, headingsOf, sectionOf } from '../../support/markdown-page.ts';
import {
  failed,
  hashes,
  incident,
  migration,
  oddlyNamed,
  one,
  run,
  summary,
  tag,
} from './incident-support.ts';

const headings = [
  'In short',
  'What it is about',
  'Timeline',
  'Migrations and statements',
  'Errors',
  'Backups',
  'Rows before and after',
  'Schema',
  'Diagnosis',
  'What was chosen since',
  'State now',
  'What remains to be done',
];

describe('an incident report', () => {
  test('has the same sections, whatever is known', () => {
    expect(headingsOf(incidentMarkdown(incident()))).toEqual(headings);
    expect(headingsOf(incidentMarkdown(failed()))).toEqual(headings);
  });

  test('is the same text for the same incident', () => {
    expect(incidentMarkdown(failed())).toBe(incidentMarkdown(failed()));
  });

  test('says of each statement where it stands, what it did, and what is there now', () => {
    const text = incidentMarkdown(failed());
    expect(cellsOf(text, 'Migrations and statements')).toEqual([
      ['statement', 'place', 'in run 7', 'took', 'in `app` now', 'hash'],
      ['1', '`0003_notes.sql:1`', 'ran, undone', '2 ms', 'not there', code(hashes[0])],
      ['2', '`0003_notes.sql:3`', '**failed**', '', 'not there', code(hashes[1])],
      ['3', '`0003_notes.sql:5`', 'not begun', '', 'not there', code(hashes[2])],
    ]);
    expect(text).toContain('- In run 7: undone in full after 5 ms.');
    expect(sectionOf(text, 'Errors')).toContain('`statement-failed`');
    expect(sectionOf(text, 'What remains to be done')).toContain(
      '1. Correct the file.\n1. `migrate-tui deploy staging`',
    );
  });

  test('holds no value of a statement and none that an error quotes, and no path above the project', () => {
    const text = incidentMarkdown(failed());
    for (const secret of ['hunter2', 'ann@example.org', '4711', 'double trouble', 'left open', '/home/ann']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('INSERT INTO notes VALUES (•••, \'•••\', "•••")');
    expect(text).toContain('unrecognized token: "•••"');
  });

  test('passes on what was advised without the statement in it, and says where all of it is', () => {
    const next = String.raw`migrate-tui query staging 'SELECT * FROM t WHERE a = '\''ocelot'\''' shows them. Correct the file.`;
    const whole = run();
    const events = whole.events.map((event) => (event.kind === 'failed' ? { ...event, next } : event));
    const text = incidentMarkdown({ ...failed(), run: { ...whole, events } });
    expect(text).not.toContain('ocelot');
    expect(sectionOf(text, 'Errors')).toContain(
      "What was advised: migrate-tui query staging '•••' shows them. Correct the file. (In full: `migrate-tui show 7`)",
    );
  });

  test('keeps names that look like markup in their cells, and shows what is hidden in them', () => {
    const name = 'a|b`c\n## d\u001b[31m\u202e<b>*e*';
    const text = incidentMarkdown(oddlyNamed(name));
    expect(headingsOf(text)).toEqual(headings);
    // oxlint-disable-next-line no-control-regex -- these are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text.replaceAll(blocks, '')).not.toMatch(/(?<!\\)<b>/);
    for (const title of headings) {
      const rows = cellsOf(text, title);
      expect(rows.map(({ length }) => length)).toEqual(rows.map(() => rows[0]?.length));
    }
    const [, row] = cellsOf(text, 'Rows before and after');
    expect(row?.map(shownIn).slice(2, 5)).toEqual([
      'a|b`c␊## d␛[31m<U+202E><b>*e*',
      'a|b`c␊## d␛[31m<U+202E><b>*e*',
      '3',
    ]);
  });

  test('shows of a long migration what is around its stop, and of a changed schema no more than fits', () => {
    const long = Array.from({ length: 500 }, (_, index) => `INSERT INTO notes VALUES (${index})`);
    const text = incidentMarkdown(failed({ sql: long, at: 250, differences: 400 }));
    expect(text.split('\n').length).toBeLessThan(700);
    const rows = cellsOf(text, 'Migrations and statements');
    expect(rows).toHaveLength(41);
    expect(rows.find(([number]) => number === '250')?.[2]).toBe('**failed**');
    expect(text).toContain('40 of 500 statements: those around the place where it stopped.');
    expect(text).toContain('380 more objects are not shown.');
  });

  test('keeps the numbers of the file where a way out ran a part of it, also of a statement that is there twice', () => {
    const whole = [
      'PRAGMA foreign_keys=OFF',
      'CREATE TABLE a (id)',
      'CREATE TABLE b (id)',
      'PRAGMA foreign_keys=OFF',
    ];
    const of = failed({ sql: whole, at: 3 });
    const ran = statementHashes(['DROP TABLE b', ...whole.slice(2)].map((sql) => ({ sql })));
    const database = one(of.databases);
    const text = incidentMarkdown({
      ...of,
      run: { ...run({ sql: ['', '', ''], at: 2 }), summary: { ...summary, operation: 'recover' } },
      databases: [{ ...database, units: database.units.map((unit) => ({ ...unit, statementHashes: ran })) }],
    });
    const rows = cellsOf(text, 'Migrations and statements').slice(1);
    expect(rows.map(([number, , what]) => [number, what])).toEqual([
      ['of the way', 'ran, undone'],
      ['3', '**failed**'],
      ['4', 'not begun'],
    ]);
    expect(text).toMatch(/-- of the way\n-- not in the file as it is now\n-- 3\nCREATE TABLE b/);
  });

  test('says that the file was edited since, and shows no statement of today for one of then', () => {
    const then = failed();
    const database = one(then.databases);
    const text = incidentMarkdown({
      ...then,
      databases: [{ ...database, migrations: [migration(['CREATE TABLE notes (id integer)', 'SELECT 1'])] }],
    });
    expect(text).toContain('The file was edited since');
    expect(sectionOf(text, 'Migrations and statements')).toContain('-- 2\n-- not in the file as it is now');
    expect(text).not.toContain('SELECT');
  });

  test('of a run that was cut off names the last statement that began, and that nothing came after it', () => {
    const whole = run();
    const events = whole.events.filter(({ kind }) => kind !== 'step-failed' && kind !== 'failed');
    const cut = {
      ...whole,
      summary: {
        ...summary,
        outcome: 'cut-off',
        finishedAt: undefined,
        inside: { database: 'app', tag },
      } as const,
      events,
    };
    const text = incidentMarkdown({ ...failed(), run: cut });
    expect(sectionOf(text, 'In short')).toContain('was cut off inside `0003_notes` (`app`)');
    const timeline = cellsOf(text, 'Timeline');
    expect(timeline.at(-2)?.at(-1)).toBe(
      'apply of `0003_notes` in `app` begun, and its end is not in the log; the last statement that began was 2 of 3',
    );
    expect(timeline.at(-1)?.at(-1)).toBe('**Cut off**: its process ended without closing the run');
  });

  test('names what was chosen since, by whom and how they agreed, and what it left to do', () => {
    const chosen: RunReport = {
      ...run({ number: 9, operation: 'recover', choice: 'resume' }),
      summary: {
        ...summary,
        run: 9,
        operation: 'recover',
        outcome: 'done',
        exitCode: 0,
        by: 'bea',
        confirmed: {
          by: 'bea',
          how: 'typed',
          hash: 'abcd',
          at: '2026-11-21T11:00:00.000Z',
          accepted: ['orders=12'],
          reason: 'they were test | orders',
        },
      },
    };
    const text = incidentMarkdown({ ...failed(), later: [chosen], laterStill: 3 });
    expect(cellsOf(text, 'What was chosen since')[1]).toEqual([
      '2026-11-21 10:00:00',
      '9',
      'recover, `resume`',
      'bea@vm',
      String.raw`by bea, typed after the evidence was shown, hash \`abcd\`; accepted \`orders=12\`; because: they were test \| orders`.replaceAll(
        '\\`',
        '`',
      ),
      'done, exit 0',
    ]);
    expect(text).toContain('3 later runs are not shown: `migrate-tui runs staging`');
    expect(sectionOf(text, 'What remains to be done')).not.toContain('Correct the file');
  });

  test('says that a database could not be read, and does not call it whole', () => {
    const now = { kind: 'not-read', why: 'The server does not answer.' } as const;
    const whole = failed();
    const text = incidentMarkdown({ ...whole, databases: [{ ...one(whole.databases), now }] });
    expect(sectionOf(text, 'State now')).toContain('could not be read: The server does not answer.');
    expect(sectionOf(text, 'Diagnosis')).not.toContain('Nothing is unfinished');
    expect(sectionOf(text, 'What remains to be done')).toContain('Make `app` answer');
    expect(cellsOf(text, 'Migrations and statements')[1]?.[4]).toBe('not read');
  });
});

/** What a reader of the page sees in a cell. */
function shownIn(cell: string): string {
  return cell
    .replaceAll(/<\/?code>|^`|`$/g, '')
    .replaceAll(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)));
}

function code(text: string | undefined): string {
  return `\`${text ?? ''}\``;
}
