import { Writable } from 'node:stream';
import xterm from '@xterm/headless';
import { render } from 'ink';
import { expect, test } from 'vitest';
import { unicodeSigns } from '../../../src/lib/signs.ts';
import { Shown } from '../../../src/tui/app/shown.ts';
import { ScreenStack } from '../../../src/tui/app/stack.ts';
import type { AppState } from '../../../src/tui/app/state.ts';
import { AppView } from '../../../src/tui/app.tsx';

/** What a terminal of 120 × 30 shows of the whole screen, with the record of runs being read below it. */
async function drawn(part: Partial<AppState>): Promise<readonly string[]> {
  const size = { columns: 120, rows: 30 };
  const terminal = {
    size: () => size,
    copy: () => undefined,
    suspend: () => Promise.resolve(),
    edit: () => Promise.resolve(undefined),
  };
  using shown = new Shown({ terminal, now: () => 0, motion: 'full', onTick: () => undefined });
  const stack = new ScreenStack({ shown, perform: () => undefined, onClosed: () => undefined });
  stack.open({ screen: 'runs', environment: undefined });
  stack.send(shown.state.stack.at(-1)?.key ?? 0, {
    kind: 'answer',
    id: 'runs',
    report: {
      schemaVersion: 1,
      kind: 'runs',
      runs: Array.from({ length: 20 }, (_, index) => run(20 - index)),
    },
  });
  shown.set(part);
  shown.show();
  const screen = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    convertEol: true,
    allowProposedApi: true,
  });
  const stdout = Object.assign(
    new Writable({ write: (chunk: Buffer, _encoding, done) => screen.write(chunk, done) }),
    { ...size, isTTY: true },
  );
  const view = <AppView store={shown.store} signs={unicodeSigns} onLend={() => undefined} />;
  const app = render(view, { stdout, interactive: true, patchConsole: false, exitOnCtrlC: false });
  await app.waitUntilRenderFlush();
  const { active } = screen.buffer;
  const rows = Array.from(
    { length: size.rows },
    (_, row) => active.getLine(row)?.translateToString(true).trimEnd() ?? '',
  );
  app.unmount();
  return rows;
}

const run = (number: number) =>
  ({
    run: number,
    operation: 'deploy',
    environment: 'production-of-the-whole-world',
    databases: ['app'],
    startedAt: '2026-11-20T14:02:11Z',
    finishedAt: '2026-11-20T14:02:48Z',
    outcome: 'done',
    exitCode: 0,
    by: 'mira-of-the-team-of-all-databases-at-night',
    host: 'kestrel',
    version: '0.1.0',
    git: '7fe20d1',
    applied: [],
    inside: undefined,
    backup: 'b41',
    confirmed: undefined,
    message: undefined,
  }) as const;

const open: AppState['log'] = {
  shown: 'part',
  entries: [],
  cursor: 0,
  only: 'all',
  filter: { text: '', typing: 'set' },
  full: 'one-line',
};

test.each([
  { kind: 'palette', text: '', cursor: 0 },
  { kind: 'help', filter: { text: '', typing: 'set' }, top: 0 },
] as const)('beside the $kind nothing of the page behind is left', async (overlay) => {
  const rows = await drawn({ overlay });
  expect(rows[1]).toMatch(/^┌─.*─$/);
  const end = rows.findIndex((row) => row.startsWith('└'));
  expect(end).toBeGreaterThan(5);
  expect(rows.slice(1, end + 1).join('\n')).not.toContain('20 Nov');
  expect(rows.slice(1, end + 1).join('\n')).not.toContain('night');
});

test('the command log over the whole screen leaves nothing of the page, and the footer stays', async () => {
  const rows = await drawn({ log: { ...open, shown: 'zoomed' } });
  expect(rows[1]).toMatch(/^── commands 0 /);
  expect(rows[2]).toContain('Nothing was asked of any database yet.');
  expect(rows.at(-1)).toContain('? keys');
});

test('a sentence that is longer than its row is said whole, over the rows above it', async () => {
  const text = Array.from({ length: 24 }, (_one, at) => `word-${at}-of-it`).join(' ');
  const rows = await drawn({ message: { level: 'info', text } });
  expect(rows.slice(-4, -1).join(' ')).toMatch(/word-0-of-it [^]*word-23-of-it$/);
  expect(
    rows
      .slice(-4, -1)
      .join(' ')
      .replaceAll(/word-\d+-of-it|\s/g, ''),
  ).toBe('');
  expect(rows.at(-1)).toContain('? keys');
  const exact = 'x'.repeat(118);
  expect((await drawn({ message: { level: 'info', text: exact } })).at(-2)).toBe(`  ${exact}`);
  const endless = await drawn({ message: { level: 'error', text: text.repeat(20) } });
  expect(endless.at(-2)).toMatch(/…$/);
  expect(endless.filter((row) => row.includes('word-'))).toHaveLength(10);
});

test('while the command log is open the footer names no key that means something else there', async () => {
  expect((await drawn({})).at(-1)).toMatch(/enter statements .* y copy .* \/ filter .* esc back/);
  const rows = await drawn({ log: open });
  expect(rows.at(-1)).toMatch(/^ w way back   x incident report   \? keys/);
});
