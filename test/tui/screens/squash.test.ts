import { describe, expect, test } from 'vitest';
import { asciiSigns, unicodeSigns } from '../../../src/lib/signs.ts';
import type { SquashProof, SquashReport } from '../../../src/operations/squash/report.ts';
import { lineWidth } from '../../../src/tui/present/layout.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Effect, Message } from '../../../src/tui/screen.ts';
import { squashLines } from '../../../src/tui/screens/squash/lines.ts';
import { squash } from '../../../src/tui/screens/squash/screen.tsx';
import { context, keyNamed } from '../recorded/screen.ts';
import { behind, heldBy, possible, silent } from '../recorded/squash.ts';

/** The page driven by messages alone, as the app drives it. */
function opened(report: SquashReport | 'not-yet' = possible, first = context(120, 33)) {
  let at = first;
  let { state, effects = [] } = squash.open({ screen: 'squash', database: 'app', to: undefined }, at);
  const asked = effects;
  const send = (message: Message): readonly Effect[] => {
    const step = squash.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  const answer = (found: SquashReport) => send({ kind: 'answer', id: 'squash', report: found });
  if (report !== 'not-yet') answer(report);
  const press = (name: string): readonly Effect[] => {
    const key = keyNamed(name);
    const isText = squash.listens?.(state) === 'text' && key.text !== '';
    const binding = isText ? undefined : squash.bindings.find(({ keys }) => keys.includes(name));
    if (!binding) return send({ kind: 'key', key });
    const why = binding.blocked?.(state, at);
    return why === undefined
      ? send({ kind: 'action', action: binding.action, key })
      : [{ kind: 'say', level: 'info', text: why }];
  };
  return {
    asked,
    send,
    answer,
    press,
    type: (text: string) => Array.from(text).forEach(press),
    later: (milliseconds: number) => (at = { ...at, now: at.now + milliseconds }),
    resize: (columns: number, rows: number) => (at = { ...at, columns, rows }),
    lines: () => squashLines(unicodeSigns, state, at),
    text: () => squashLines(unicodeSigns, state, at).map(textOf).join('\n'),
    ascii: () => squashLines(asciiSigns, state, at).map(textOf).join('\n'),
    footer: () =>
      squash.bindings.flatMap(({ keys, footer }) =>
        (typeof footer === 'function' ? footer(state, at) : footer) === undefined ? [] : [keys[0]],
      ),
  };
}

const argsOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.args.join(' ')] : []));
const said = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'say' ? [effect.text] : []));

describe('what it says', () => {
  test('each proof as it is known, and which are still to come', () => {
    const page = opened('not-yet');
    page.later(200);
    const proofs = () =>
      page
        .lines()
        .map(textOf)
        .filter((line) => /being proven|not yet|clean|same rows each time/.test(line))
        .map((line) => line.replaceAll(/\s+/g, ' ').trim());
    expect(proofs()).toEqual([
      '○ git is being proven',
      '○ repeatable not yet',
      '○ same schema not yet',
      '○ same rows not yet',
      '○ nothing to generate not yet',
    ]);
    const prove = (proof: SquashProof) =>
      page.send({ kind: 'answer', id: 'squash', report: { schemaVersion: 1, kind: 'squash-proof', proof } });
    prove({ check: 'git', state: 'proven', says: 'the folder is clean' });
    prove({ check: 'repeatable', state: 'differs', says: 'not the same rows each time' });
    expect(proofs()).toEqual([
      '✓ git the folder is clean',
      '✗ repeatable not the same rows each time',
      '○ same schema is being proven',
      '○ same rows not yet',
      '○ nothing to generate not yet',
    ]);
    page.answer(possible);
    expect(page.text()).not.toMatch(/being proven|not yet/);
    page.press('r');
    page.later(200);
    expect(page.text()).not.toContain('not the same rows each time');
  });

  test('the proofs one by one, what is kept, and of every environment what it needs', () => {
    const page = opened();
    expect(argsOf(page.asked)).toEqual(['squash --database app --stream']);
    const text = page.text();
    expect(text).toContain(
      '○ Squash 0000_step to 0010_step into one file: 11 files become 1. Nothing is written yet.',
    );
    expect(text).toMatch(/✓ same schema +both built apart: 46 objects/);
    expect(text).toMatch(/\? nothing to generate +drizzle-kit is not installed/);
    expect(text).toMatch(/✓ custom parts kept +trigger orders_touch, view open_orders/);
    expect(text).toMatch(/✓ production +0016_drop_legacy_notes +nothing to write; tidying 11 records/);
    expect(text).toContain('A database that ran the last of them never runs the one file');
  });

  test('one environment that holds it up is said once, and its key does not work until then', () => {
    const page = opened(heldBy(behind));
    const text = page.text().replaceAll(/\s+/g, ' ');
    expect(text).toContain('Refused, and nothing was written.');
    expect(text.match(/0008_step and 2 more of these did not run there/g)).toHaveLength(1);
    expect(said(page.press('!'))).toEqual(['dev first']);
  });

  test('while it is proven, each environment waits by name, and what was known before stays dim', () => {
    const page = opened('not-yet');
    expect(page.text()).toContain('building it in two empty databases');
    page.answer(possible);
    expect(argsOf(page.press('r'))).toEqual(['squash --database app --stream']);
    const proofs = page.lines().filter((line) => textOf(line).includes('same schema'));
    expect(proofs.flat().every(({ tone }) => tone === 'dim')).toBe(true);
  });

  test('it fits every size, in ASCII too', () => {
    const page = opened(heldBy(behind, silent));
    for (const [columns, rows] of [
      [160, 47],
      [120, 33],
      [80, 21],
      [60, 17],
      [40, 9],
    ] as const) {
      page.resize(columns, rows);
      expect(page.lines()).toHaveLength(rows);
      expect(Math.max(...page.lines().map(lineWidth))).toBeLessThanOrEqual(columns);
      expect(page.ascii()).toMatch(/^[\x20-\x7e\n]*$/);
    }
  });

  test('what cannot be built says why, with the way to try again', () => {
    const page = opened('not-yet');
    const error = {
      code: 'migrations',
      message: 'at 0002_broken, because there is no table nowhere.',
      next: 'Mend it.',
    };
    page.send({ kind: 'ended', id: 'squash', exitCode: 2, error });
    expect(page.text()).toContain('✗ at 0002_broken, because there is no table nowhere.');
    expect(page.text()).toContain('Nothing was written. Mend it.');
    expect(said(page.press('!'))).toEqual(['r reads again first']);
  });
});

describe('what its keys do', () => {
  test('! proves it once more and writes; then the environments are read again and u leads back', () => {
    const page = opened();
    expect(argsOf(page.press('!'))).toEqual(['squash --database app --yes --stream']);
    expect(said(page.press('esc'))).toEqual(['the files are being written']);
    const undo = { tag: '0010_step', migrations: 11 };
    const environments = possible.environments.map((one) => ({ ...one, tidy: 11 }));
    expect(page.answer({ ...possible, environments, state: 'written', undo })).toEqual([{ kind: 'refresh' }]);
    expect(page.text()).toContain('✓ drizzle/0010_step.sql stands for 11 files, 0000_step to 0010_step.');
    expect(page.press('enter')).toEqual([
      {
        kind: 'open',
        request: {
          screen: 'change',
          environment: 'local',
          words: ['squash', '--tidy', 'local', '--database', 'app'],
        },
      },
    ]);
    expect(argsOf(page.press('u'))).toEqual(['squash --undo --database app']);
    const { baseline: _, ...rest } = possible;
    page.answer({ ...rest, undo });
    expect(page.text()).toContain('Put 0000_step to 0010_step back in the place of the one file.');
    expect(argsOf(page.press('!'))).toEqual(['squash --undo --database app --yes']);
    page.answer({ ...rest, state: 'undone', undo });
    expect(argsOf(page.press('r'))).toEqual(['squash --database app --stream']);
  });

  test('a held key writes nothing', () => {
    const page = opened();
    const key = keyNamed('!', { press: 'repeat' });
    expect(page.send({ kind: 'action', action: 'write', key })).toEqual([]);
  });

  test('an environment that does not answer is left out by typing its name, and asked again by space', () => {
    const page = opened(heldBy(silent));
    page.press('space');
    expect(page.text()).toContain('To leave it out unasked, type its name: ▏');
    page.send({ kind: 'paste', text: 'staging' });
    expect(page.text()).toContain('Pasted text does not confirm.');
    page.type('stagin');
    expect(page.press('enter')).toEqual([]);
    expect(page.text()).toContain('That is not staging.');
    page.type('g');
    expect(argsOf(page.press('enter'))).toEqual(['squash --database app --leave-out staging --stream']);
    const leftOut = { ...silent, state: 'left-out', says: 'it was not asked' } as const;
    page.answer({ ...possible, environments: possible.environments.with(2, leftOut) });
    expect(page.text()).toMatch(/\? staging +- +left out by name/);
    expect(argsOf(page.press('!'))).toEqual(['squash --database app --leave-out staging --yes --stream']);
    page.answer({ ...possible, environments: possible.environments.with(2, leftOut) });
    expect(argsOf(page.press('space'))).toEqual(['squash --database app --stream']);
  });

  test('an environment that holds nothing up is not left out', () => {
    expect(said(opened().press('space'))).toEqual(['local holds nothing up']);
  });

  test('rows that differ each time are accepted with a reason', () => {
    const page = opened({
      ...possible,
      state: 'refused',
      changing: ['stamps'],
      refusals: ['Rows of stamps …'],
    });
    expect(said(page.press('!'))).toEqual(['rows of stamps first, space accepts them']);
    page.press('G');
    expect(page.text()).toContain('▸ ✗ stamps: the one file would fix the rows of now.');
    page.press('space');
    page.type('no');
    expect(page.press('enter')).toEqual([]);
    page.send({ kind: 'paste', text: 'body reads it' });
    expect(argsOf(page.press('enter'))).toEqual([
      'squash --database app --accept replay-differs:stamps --reason nobody reads it --stream',
    ]);
  });

  test('a squashes up to where nothing holds it up, and all of it again', () => {
    const page = opened({ ...heldBy(behind), possibleTo: '0007_step' });
    expect(page.text()).toContain('ran all up to 0007_step: a squashes up to there.');
    expect(argsOf(page.press('a'))).toEqual(['squash --database app --to 0007_step --stream']);
    page.answer(possible);
    expect(argsOf(page.press('a'))).toEqual(['squash --database app --stream']);
  });

  test('enter opens the environment, x writes the review as a file', () => {
    const page = opened(heldBy(behind));
    expect(page.press('enter')).toEqual([
      { kind: 'open', request: { screen: 'environment', environment: 'dev' } },
    ]);
    const [exported] = page.press('x');
    expect(exported).toMatchObject({ kind: 'export', name: 'squash.md' });
    expect(exported?.kind === 'export' && exported.content).toContain(
      '- dev, at 0007_step: dev is at 0007_step',
    );
  });

  test('z shows what the one file would hold, and back', () => {
    const page = opened();
    page.press('z');
    expect(page.text()).toMatch(/^-- Stands for 11 migrations\.\nCREATE TABLE countries/);
    expect(page.lines()).toHaveLength(33);
    expect(said(page.press('enter'))).toEqual(['z leads back to the review']);
    page.resize(24, 33);
    expect(page.text()).not.toContain('…');
    expect(page.text().replaceAll(/\s+/g, '')).toContain("INSERTINTOcountriesVALUES('NL');");
    page.resize(60, 3);
    page.press('G');
    expect(page.text()).toContain("INSERT INTO countries VALUES ('NL');");
    expect(page.press('esc')).toEqual([]);
    page.resize(120, 33);
    expect(page.text()).toContain('11 files become 1');
  });

  test('esc leaves the field first, then the page', () => {
    const page = opened(heldBy(behind));
    page.press('space');
    expect(page.press('esc')).toEqual([]);
    expect(page.press('esc')).toEqual([{ kind: 'back' }]);
  });
});
