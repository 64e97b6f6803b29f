import { describe, expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { RecoveryReport } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Context, Effect, Message } from '../../../src/tui/screen.ts';
import { recoveryLines } from '../../../src/tui/screens/recovery/lines.ts';
import { recovery } from '../../../src/tui/screens/recovery/screen.tsx';
import { failedRun, halfRebuild, reportOf, unproven, unrecorded } from '../recorded/recovery.ts';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';
import { context, keyNamed } from '../recorded/screen.ts';

/** The page driven by messages alone, as the app drives it. */
function opened(report: RecoveryReport | 'not-yet' = reportOf(halfRebuild), first = context(120, 33)) {
  let at: Context = first;
  let { state, effects = [] } = recovery.open({ screen: 'recovery', environment: 'dev' }, at);
  const asked = effects;
  const send = (message: Message): readonly Effect[] => {
    const step = recovery.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  if (report !== 'not-yet') send({ kind: 'answer', id: 'recovery', report });
  return {
    asked,
    send,
    later: (milliseconds: number) => (at = { ...at, now: at.now + milliseconds }),
    press: (name: string): readonly Effect[] => {
      const binding = recovery.bindings.find(({ keys }) => keys.includes(name));
      if (!binding) throw new Error(`No key ${name}`);
      const why = binding.blocked?.(state, at);
      return why === undefined
        ? send({ kind: 'action', action: binding.action, key: keyNamed(name) })
        : [{ kind: 'say', level: 'info', text: why }];
    },
    text: () => recoveryLines(signs, state, at).map(textOf).join('\n'),
    rows: () => recoveryLines(signs, state, at).length,
    header: () => recovery.header(state, at),
  };
}

const again = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'ask');

describe('what it says', () => {
  test('of a migration without a file, whose run the database names, nothing that the ledger does not know', () => {
    const { attempt: _attempt, ...found } = halfRebuild;
    const noted = {
      ...found,
      situation: 'half-without-file' as const,
      evidence: ['Run 5 of mira@kestrel noted it.'],
    };
    const text = opened(reportOf(noted)).text();
    expect(text).toContain('◐ dev is half-finished: 0014_orders_due_date');
    expect(text).toContain('Run 5 of mira@kestrel noted it.');
    expect(text).not.toContain('something else than migrate-tui');
  });

  test('verdict, who ran it, evidence with the statement that it speaks of, and what that means', () => {
    const text = opened().text();
    expect(text).toContain('◐ dev is half-finished: 0014_orders_due_date stopped after statement 4 of 12.');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'As far as the ledger knows, something else than migrate-tui ran it. dev.db last changed 2 h ago, 20 Nov 11:07 UTC.',
    );
    expect(text).toMatch(/✓ Table orders does not exist\. +statement 4/);
    expect(text).toMatch(/○ Table __new_orders is still there\. +not statement 5/);
    expect(text).toContain('· Nobody is connected');
    expect(text).toMatch(/── evidence ─+ +── what that means/);
    expect(text).toContain('All rows of orders are in __new_orders');
  });

  test('every way stands there: the recommended first, the others with their cost or with why not', () => {
    const lines = opened().text().split('\n');
    const ways = lines.slice(lines.findIndex((line) => line.startsWith('── ways out')));
    expect(ways[1]).toMatch(/^▸ 1 go on from statement 5 +recommended: Only the rename is left/);
    expect(ways.join('\n')).toMatch(/ {2}2 restore the newest backup +Last resort: loses 94 orders/);
    expect(ways.join('\n')).toMatch(/ {2}· start over from a clean point +DROP TABLE has no inverse/);
    expect(ways.join('\n')).toMatch(/ {2}· run the rollback file +0014 has no rollback file/);
  });

  test('the statements say what ran, around the place where it stopped', () => {
    const text = opened().text();
    expect(text).toContain('── statements ── 4 of 12 ran');
    expect(text).toMatch(/✓ {3}4 {2}DROP TABLE orders +ran/);
    expect(text).toMatch(/○ {3}5 {2}ALTER TABLE __new_orders RENAME TO orders +did not run/);
  });

  test('a run of ours says who, when and on which machine, and the error stands under its statement', () => {
    const page = opened(reportOf(failedRun));
    const text = page.text();
    expect(text).toContain('Run 42 (deploy) of mira@kestrel began it 17 min ago, 20 Nov 13:45 UTC');
    expect(text).toMatch(
      /✗ {3}2 {2}CREATE UNIQUE INDEX[^\n]*failed +\n +━━ UNIQUE constraint failed: teams\.slug/,
    );
    expect(text).toContain('▲ The ledger and the schema contradict each other');
    // The headline has said it.
    expect(text.match(/Run 42/g)).toHaveLength(1);
    expect(text).toContain('It failed at statement 2: UNIQUE constraint failed: teams.slug.');
    expect(text).not.toContain('Its error');
  });

  test('the SQL in full begins near the place where it stopped, with the line of the file', () => {
    const page = opened(reportOf(failedRun), context(80, 21));
    page.press('z');
    expect(page.text()).toMatch(
      /✗ {3}2 {2}failed, line 3 of the file\n +CREATE UNIQUE INDEX teams_slug_idx\n +ON teams \(slug\)\n +━━ UNIQUE/,
    );
    expect(page.text()).not.toContain('ways out');
    expect(page.press('esc')).toEqual([]);
    expect(page.text()).toContain('ways out');
  });

  test('the SQL in full is in full where it is narrow, too', () => {
    const columns = Array.from({ length: 12 }, (_, at) => `\`column_number_${at}\``).join(', ');
    const sql = `INSERT INTO \`__new_orders\` (${columns})\n  SELECT ${columns} FROM \`orders\``;
    const statements = [{ number: 1, line: 1, sql, state: 'ran' as const }];
    const page = opened(reportOf({ ...halfRebuild, statements }), context(60, 40));
    page.press('z');
    expect(page.text()).not.toContain('…');
    expect(page.text().replaceAll(/\s+/g, ' ')).toContain(sql.replaceAll(/\s+/g, ' '));
    for (const line of page.text().split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  test('nothing for a moment, then what is being read; nothing found says so', () => {
    const page = opened('not-yet');
    expect(page.asked).toEqual([{ kind: 'ask', id: 'recovery', args: ['recover', 'dev'] }]);
    expect(page.text().trim()).toBe('');
    page.later(200);
    expect(page.text()).toContain('· reading dev and replaying');
    page.send({ kind: 'answer', id: 'recovery', report: reportOf() });
    expect(page.text()).toContain('Nothing in dev is unfinished or contradicts itself. esc back.');
    expect(page.press('enter')).toEqual([{ kind: 'say', level: 'info', text: 'nothing is unfinished' }]);
    expect(page.press('esc')).toEqual([{ kind: 'back' }]);
  });

  test('a run that is going on is named where nothing else is found', () => {
    const lock = { held: 'live', run: '1', by: 'ana', host: 'ci-7', tag: undefined } as const;
    const status = statusOf([], 'dev', {}, { lock: { ...lock, since: '2026-11-20T14:02:04Z' } });
    const known = contextWith(openingOf([], ['dev']), [status]);
    const page = opened(reportOf(), { ...context(120, 33), environments: known.environments });
    expect(page.text()).toContain('ana@ci-7 has held its lock since 20 Nov 14:02 UTC');
  });

  test('an error says that nothing was changed, and keeps what was known before', () => {
    const page = opened();
    page.press('r');
    const error = { code: 'unreachable', message: 'dev did not answer in 10 s.', next: undefined };
    page.send({ kind: 'ended', id: 'recovery', exitCode: 1, error });
    expect(page.text()).toContain('✗ dev did not answer in 10 s.');
    expect(page.text()).toContain('Nothing was changed. r reads again. Below is what was known before.');
    expect(page.text()).toContain('stopped after statement 4 of 12');
  });

  test('records that do not fit are no half-finished environment', () => {
    const text = opened(reportOf(unrecorded('0013_user_api_keys'))).text();
    expect(text).toContain('▲ dev: 0013_user_api_keys: finished, not recorded.');
    expect(text).not.toContain('half-finished');
  });

  test('a run that is at work now is no half-finished environment, and nobody else ran it', () => {
    const verdict = 'still running: ana@ci-7 since 20 Nov 2026 14:02 UTC';
    const options = halfRebuild.options.map((option) => ({ ...option, recommended: false, allowed: false }));
    const text = opened(
      reportOf({ ...halfRebuild, situation: 'running-elsewhere', verdict, options }),
    ).text();
    expect(text).toContain('● dev: 0014_orders_due_date: still running: ana@ci-7');
    expect(text).not.toContain('another tool');
  });

  test('where no way is recommended that is said', () => {
    const options = halfRebuild.options.map((option) => ({ ...option, recommended: false }));
    expect(opened(reportOf({ ...halfRebuild, options })).text()).toContain(
      '── ways out ── no way is recommended',
    );
    const closed = options.map((option) => ({ ...option, allowed: false }));
    const page = opened(reportOf({ ...halfRebuild, options: closed }));
    expect(page.text()).toContain('── ways out ── no way is open');
    expect(page.press('enter')).toEqual([
      { kind: 'say', level: 'info', text: 'this way is not open, it says why' },
    ]);
  });

  test('the cursor does not start on a restore, also where nothing else is open', () => {
    const restore = halfRebuild.options.filter(({ id }) => id === 'restore');
    const closed = halfRebuild.options
      .filter(({ id }) => id !== 'restore')
      .map((option) => ({ ...option, recommended: false, allowed: false }));
    const lost = { ...halfRebuild, options: [...restore, ...closed] };
    const page = opened(reportOf(lost, unrecorded('0013_user_api_keys')));
    for (const to of ['here', 'there and back']) {
      if (to !== 'here') for (const key of ['tab', 'tab']) page.press(key);
      expect(page.text(), to).toMatch(/^ {2}1 restore/m);
      expect(page.press('enter'), to).toEqual([
        { kind: 'say', level: 'info', text: 'this way is not open, it says why' },
      ]);
    }
    expect(page.press('1')).toEqual([]);
    expect(page.press('enter')).toMatchObject([{ kind: 'open', request: { screen: 'review' } }]);
  });

  test.each([
    [120, 33],
    [80, 21],
    [60, 17],
    [40, 7],
  ])('%i × %i: verdict and the way under the cursor are in sight, and every row fits', (columns, rows) => {
    const long = {
      ...halfRebuild,
      tag: '0014_orders_get_a_due_date_from_their_created_at_and_the_terms_of_their_team',
    };
    const page = opened(reportOf(long, unrecorded('0013_user_api_keys')), context(columns, rows));
    for (const _option of long.options) {
      expect(page.text()).toMatch(/◐ dev is half-finished/);
      expect(page.text()).toMatch(/^▸ [12·] \w/m);
      expect(page.rows()).toBe(rows);
      for (const line of page.text().split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      page.press('j');
    }
  });
});

describe('what leads on', () => {
  test('enter opens the review of the way under the cursor, and never acts', () => {
    const page = opened();
    expect(page.press('enter')).toEqual([
      {
        kind: 'open',
        request: {
          screen: 'review',
          environment: 'dev',
          begin: 'look',
          way: { found: halfRebuild, option: halfRebuild.options[0], takes: 'the-only-one' },
        },
      },
    ]);
  });

  test('a number chooses the way that stands under it, not the line', () => {
    const options = [...halfRebuild.options.slice(2), ...halfRebuild.options.slice(0, 2)];
    const page = opened(reportOf({ ...halfRebuild, options }));
    page.press('2');
    expect(page.text()).toMatch(/▸ 2 restore the newest backup/);
    page.press('9');
    expect(page.text()).toMatch(/▸ 2 restore the newest backup/);
  });

  test('old evidence is read again before it leads to a review, and leads nowhere when it changed', () => {
    const page = opened();
    page.later(61_000);
    expect(again(page.press('enter'))).toHaveLength(1);
    const same = page.send({ kind: 'answer', id: 'recovery', report: reportOf(halfRebuild) });
    expect(same).toMatchObject([{ kind: 'open', request: { screen: 'review' } }]);
    page.later(61_000);
    page.press('enter');
    const other = { ...halfRebuild, verdict: 'stopped after statement 5 of 12', after: 5 };
    expect(page.send({ kind: 'answer', id: 'recovery', report: reportOf(other) })).toEqual([]);
    expect(page.text()).toContain('stopped after statement 5 of 12');
  });

  test('esc leaves it as it is and says that it will be shown again', () => {
    expect(opened().press('esc')).toEqual([
      { kind: 'back' },
      {
        kind: 'say',
        level: 'info',
        text: 'dev is left as it is; this is shown again at the next start, and w leads here.',
      },
    ]);
  });

  test('several cases are counted, and tab goes round them', () => {
    const page = opened(reportOf(halfRebuild, unproven));
    expect(page.text()).toContain('Case 1 of 2; tab shows the next, 0015_invoice_totals');
    page.press('tab');
    expect(page.text()).toContain('0015_invoice_totals: schema complete, data unproven.');
    page.press('tab');
    expect(page.text()).toContain('0014_orders_due_date stopped');
  });

  test('n marks each evidence in turn, then leads to the next case', () => {
    const page = opened(reportOf(halfRebuild, unproven));
    page.press('n');
    expect(page.text()).toContain('▸ ✓ Table orders does not exist.');
    page.press('n');
    page.press('n');
    expect(page.text()).toContain('▸ · Nobody is connected');
    page.press('n');
    expect(page.text()).toContain('0015_invoice_totals: schema complete');
  });

  test('twenty migrations without a record are recorded in one go', () => {
    const names = Array.from({ length: 20 }, (_, index) => `${String(index).padStart(4, '0')}_step`);
    const page = opened(reportOf(...names.map(unrecorded)));
    expect(page.text()).toContain('▸ 1 record all of them as applied');
    expect(page.press('enter')).toMatchObject([{ request: { way: { takes: 'all-of-several' } } }]);
  });

  test('one migration that nobody can prove is never recorded along with the others', () => {
    const page = opened(reportOf(unrecorded('0013_user_api_keys'), unproven));
    expect(page.text()).toContain('▸ 1 record 0013 as applied');
    expect(page.press('enter')).toMatchObject([{ request: { way: { takes: 'one-of-several' } } }]);
  });

  test('x writes the whole story as a file', () => {
    expect(opened().press('x')).toEqual([
      { kind: 'report', args: ['recover', 'dev', '--report'], name: 'incident-dev.md' },
    ]);
  });

  test('it is read again when it comes back into sight', () => {
    expect(again(opened().send({ kind: 'shown' }))).toHaveLength(1);
  });
});
