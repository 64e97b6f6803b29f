import { spawn } from '@lydell/node-pty';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Decision, Review } from '../../src/operations/change.ts';

const clean: Review = {
  environment: 'staging',
  protected: false,
  migrations: [{ database: 'app', tag: '0014_due_date', statements: 2 }],
  evidence: [],
  losses: [],
  findings: [],
  hash: 'abc123',
  command: 'migrate-tui deploy staging',
};
const destroying: Review = {
  ...clean,
  findings: [
    {
      rule: 'destroys-rows',
      severity: 'warning',
      database: 'app',
      tag: '0014_due_date',
      statement: 2,
      line: 5,
      message: 'DELETE FROM drafts takes rows away.',
    },
  ],
};
const losing: Review = {
  ...clean,
  losses: [{ kind: 'rows', database: 'app', table: 'items', rows: 1204, likely: 'a cascade from orders' }],
};

describe('consent on a terminal', () => {
  test('y and Enter write to an unprotected environment', async () => {
    const { decision, screen } = await answer(clean, ['y', 'Enter']);
    expect(screen).toContain('Deploy 1 migration to staging: 2 statements. Nothing was written to it yet.');
    expect(decision).toMatchObject({ kind: 'confirmed', how: 'typed' });
  });

  test('Enter alone, Esc, Ctrl-C and another letter leave', async () => {
    for (const keys of [['Enter'], ['Esc'], ['CtrlC'], ['n', 'Enter']]) {
      expect((await answer(clean, keys)).decision).toEqual({ kind: 'declined' });
    }
  });

  test('where a statement destroys, y is not enough: the name is typed, letter by letter', async () => {
    expect((await answer(destroying, ['y', 'Enter'])).decision).toEqual({ kind: 'declined' });
    const { decision } = await answer(destroying, [...letters('stagingg'), 'Backspace', 'Enter']);
    expect(decision).toMatchObject({ kind: 'confirmed', consent: { confirm: { hash: 'abc123' } } });
  });

  test('a protected environment wants its name', async () => {
    const review = { ...clean, protected: true };
    expect((await answer(review, ['y', 'Enter'])).decision).toEqual({ kind: 'declined' });
    expect((await answer(review, [...letters('staging'), 'Enter'])).decision).toMatchObject({
      kind: 'confirmed',
    });
  });

  test('pasted text does not confirm, marked as pasted or not', async () => {
    for (const pasted of ['\u001b[200~staging\u001b[201~', 'staging']) {
      const { decision, screen } = await answer(destroying, [pasted, 'Enter']);
      expect(decision).toEqual({ kind: 'declined' });
      expect(screen).toContain('Pasted text does not confirm.');
    }
  });

  test('Enter in the same read as the last letter does not count', async () => {
    const { decision } = await answer(destroying, [...letters('stagin'), 'g\r', 'Enter']);
    expect(decision).toMatchObject({ kind: 'confirmed' });
    expect((await answer(clean, ['y\r', 'Esc'])).decision).toEqual({ kind: 'declined' });
  });

  test('a loss that no statement asks for is accepted by its table and its number only', async () => {
    const { screen, decision } = await answer(losing, [
      ...letters('items=1204'),
      'Enter',
      ...letters('staging'),
      'Enter',
    ]);
    expect(screen).toContain('items loses 1,204 rows. No statement asks for it');
    expect(decision).toMatchObject({ consent: { acceptLoss: [{ table: 'items', rows: 1204 }] } });
    expect((await answer(losing, [...letters('items=1'), 'Enter'])).decision).toEqual({ kind: 'declined' });
  });

  test('an error finding on a protected environment wants a reason in words', async () => {
    const [finding] = destroying.findings;
    if (finding === undefined) throw new Error('no finding');
    const review: Review = { ...clean, protected: true, findings: [{ ...finding, severity: 'error' }] };
    const { decision } = await answer(review, [
      ...letters('why not'),
      'Enter',
      ...letters('staging'),
      'Enter',
    ]);
    expect(decision).toMatchObject({
      consent: { reason: 'why not', accept: [{ rule: 'destroys-rows', tag: '0014_due_date' }] },
    });
  });
});

/** Plays keys one by one, each after the terminal showed the one before, and gives the decision. */
async function answer(
  review: Review,
  keys: readonly string[],
): Promise<{ readonly decision: Decision; readonly screen: string }> {
  const terminal = spawn(process.execPath, [entry], {
    cols: 120,
    env: { ...process.env, REVIEW: JSON.stringify(review), NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
  });
  let screen = '';
  const left = [...keys];
  const said = Promise.withResolvers<string>();
  terminal.onData((data) => {
    screen += data;
    const decision = /decision (\{.*\})\r?\n/.exec(screen)?.[1];
    if (decision !== undefined) said.resolve(decision);
  });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  const playing = play(terminal, left, () => screen);
  const decision: Decision = JSON.parse(await said.promise);
  await Promise.all([ended, playing]);
  return { decision, screen };
}

async function play(
  terminal: ReturnType<typeof spawn>,
  keys: readonly string[],
  screen: () => string,
): Promise<void> {
  let asking = 'to be asked';
  for (const key of keys) {
    // The question is on the screen before its answer is typed; after a decision nothing is typed any more.
    if (asking === 'to be asked') await shows(screen, (text) => text.endsWith(': '));
    if (decided(screen())) return;
    const before = screen().length;
    if (key === 'Enter') await breath(40);
    terminal.write(names[key] ?? key);
    if (key.length === 1) await shows(screen, (text) => text.length > before);
    else await breath(60);
    asking = key === 'Enter' ? 'to be asked' : 'being answered';
  }
}

async function shows(screen: () => string, wanted: (text: string) => boolean): Promise<void> {
  while (!wanted(screen()) && !decided(screen())) await breath(2);
}

function decided(screen: string): boolean {
  return screen.includes('decision');
}

/** Typing has a rhythm, and that is what is asked about here; nothing is measured by it. */
function breath(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function letters(text: string): readonly string[] {
  return Array.from(text);
}

const names: Readonly<Record<string, string>> = {
  Enter: '\r',
  Esc: '\u001b',
  CtrlC: '\u0003',
  Backspace: '\u007f',
};

const entry = fileURLToPath(new URL('../support/consent-entry.ts', import.meta.url));
