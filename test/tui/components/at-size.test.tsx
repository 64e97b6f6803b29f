import { Writable } from 'node:stream';
import xterm from '@xterm/headless';
import { render } from 'ink';
import type { ReactElement } from 'react';
import { expect, test } from 'vitest';
import { asciiSigns, unicodeSigns, type Signs } from '../../../src/lib/signs.ts';
import { recovery } from '../../../src/tui/screens/recovery/screen.tsx';
import { review } from '../../../src/tui/screens/review/screen.tsx';
import { run } from '../../../src/tui/screens/run/screen.tsx';
import { SignsContext } from '../../../src/tui/signs.ts';
import { deployBegun, dryRun, migration, plan, rehearsedPlan } from '../recorded/deploy.ts';
import { halfRebuild, reportOf } from '../recorded/recovery.ts';
import { context, keyNamed } from '../recorded/screen.ts';

/** A terminal of a size that Ink draws on, and what is on it then. */
class Terminal extends Writable {
  readonly isTTY = true;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly columns: number;
  readonly rows: number;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#screen = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#screen.write(chunk, done);
  }

  text(): readonly string[] {
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.rows },
      (_, row) => active.getLine(row)?.translateToString(true).trimEnd() ?? '',
    );
  }
}

async function drawn(
  view: ReactElement,
  size: { columns: number; rows: number },
  signs: Signs,
): Promise<readonly string[]> {
  const terminal = new Terminal(size.columns, size.rows);
  const app = render(<SignsContext value={signs}>{view}</SignsContext>, {
    stdout: terminal,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  await app.waitUntilRenderFlush();
  const text = terminal.text();
  app.unmount();
  return text;
}

const sizes = [
  { columns: 160, rows: 47 },
  { columns: 120, rows: 33 },
  { columns: 80, rows: 21 },
  { columns: 60, rows: 17 },
] as const;

test.each(sizes)(
  'the run fits a terminal of $columns columns, with its two lines at the end',
  async (size) => {
    const here = context(size.columns, size.rows);
    const source = { kind: 'start', args: [], before: dryRun } as const;
    let { state } = run.open({ screen: 'run', environment: 'production', source }, here);
    for (const event of deployBegun)
      state = run.reduce(state, { kind: 'event', id: 'run', event }, here).state;
    state = run.reduce(state, { kind: 'answer', id: 'sql', report: migration }, here).state;
    const text = await drawn(<run.View state={state} context={here} />, size, unicodeSigns);
    expect(text.findIndex((line) => line.includes('✓ backup'))).toBe(0);
    expect(text.join('\n')).toMatch(/way back +b41 of 14:02:13 UTC/);
    expect(text.find((line) => line.startsWith('▸ ●  7'))).toBeDefined();
  },
);

test.each(sizes)(
  'the ways out fit a terminal of $columns columns, in ASCII too, with the verdict above them',
  async (size) => {
    const here = context(size.columns, size.rows);
    let { state } = recovery.open({ screen: 'recovery', environment: 'dev' }, here);
    const report = reportOf(halfRebuild);
    state = recovery.reduce(state, { kind: 'answer', id: 'recovery', report }, here).state;
    const text = await drawn(<recovery.View state={state} context={here} />, size, asciiSigns);
    expect(text[0]).toMatch(/^ {2}% dev is half-finished: 0014/);
    expect(text.find((line) => line.startsWith('> 1 go on from statement 5'))).toBeDefined();
    expect(text.join('')).toMatch(/^[ -~]*$/);
  },
);

test.each(sizes)(
  'the review fits a terminal of $columns columns, in ASCII too, with its frame at the end',
  async (size) => {
    const here = context(size.columns, size.rows);
    let { state } = review.open({ screen: 'review', environment: 'production', begin: 'look' }, here);
    const send = (message: Parameters<typeof review.reduce>[1]): void => {
      state = review.reduce(state, message, here).state;
    };
    send({ kind: 'answer', id: 'plan', report: plan });
    send({ kind: 'action', action: 'dry-run', key: keyNamed('t') });
    for (const event of dryRun) send({ kind: 'event', id: 'dry-run', event });
    send({ kind: 'answer', id: 'plan', report: rehearsedPlan });
    const text = await drawn(<review.View state={state} context={here} />, size, asciiSigns);
    expect(text.at(-1)).toBe(`+${'-'.repeat(size.columns - 1)}`);
    expect(text.join('\n')).toMatch(/type[^]*its name: _/);
    // Nothing but ASCII is ours; what the recorded evidence holds is foreign and stays.
    expect(text.slice(0, 3).join('')).toMatch(/^[ -~]*$/);
  },
);
