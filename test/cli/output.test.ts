import { describe, expect, test } from 'vitest';
import { toJson } from '../../src/cli/output/json.ts';
import { styleFor, wantsColour, type Style } from '../../src/cli/output/style.ts';
import { table } from '../../src/cli/output/table.ts';
import { cells } from '../../src/cli/output/width.ts';

const plain: Style = styleFor({ stream: {}, env: { LANG: 'C.UTF-8' }, colour: 'never', ascii: 'as-fits' });

describe('JSON for programs', () => {
  test('is one line that moves no cursor and reads back as the same data', () => {
    const data = { name: 'a\u001b[31m\u009b2J\u2028b\u2029\u007f\n', e: '\u202e' };
    const text = toJson(data);
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(data);
  });

  test('an integer that would be rounded is a string, bytes are marked', () => {
    expect(toJson([9007199254740993n, 5n, new Uint8Array([1, 2])])).toBe(
      '["9007199254740993",5,{"base64":"AQI="}]',
    );
  });
});

describe('colours', () => {
  test.each([
    [{}, 'terminal', true],
    [{}, 'pipe', false],
    [{ NO_COLOR: '1' }, 'terminal', false],
    [{ NO_COLOR: '' }, 'terminal', true],
    [{ CLICOLOR: '0' }, 'terminal', false],
    [{ FORCE_COLOR: '1' }, 'pipe', true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, 'pipe', true],
    [{ FORCE_COLOR: '0' }, 'terminal', false],
    [{ CLICOLOR_FORCE: '1' }, 'pipe', true],
    [{ TERM: 'dumb' }, 'terminal', false],
  ] as const)('%j on a %s: %s', (env, where, expected) => {
    expect(wantsColour(env, { isTTY: where === 'terminal' })).toBe(expected);
  });
});

describe('tables', () => {
  test('columns line up by cells, also with wide and hidden characters', () => {
    const lines = table(
      [
        ['日本', 'x'],
        ['a\u202eb', 'y'],
        ['plain', 'z'],
      ],
      [],
      plain,
    );
    const columns = lines.map((line) => cells(line.slice(0, line.search(/[xyz]$/))));
    expect(new Set(columns).size).toBe(1);
    expect(lines[1]).toContain('a<U+202E>b');
  });

  test('a narrow terminal cuts names in the middle and SQL at the end; a pipe cuts nothing', () => {
    const rows = [
      ['0014_a_rather_long_name_of_a_migration_with_due_date', 'DELETE FROM order_drafts WHERE x'],
    ];
    const columns = [{ cut: 'middle' }, { cut: 'end' }] as const;
    const [line] = table(rows, columns, { ...plain, width: 50 });
    expect(cells(line ?? '')).toBeLessThanOrEqual(50);
    expect(line).toMatch(/0014_\S+…\S+date {2}DELETE/);
    expect(table(rows, columns, plain)[0]).toContain(rows[0]?.[0]);
  });

  test('escape sequences in a name are shown, not obeyed', () => {
    expect(table([['\u001b[2Jx']], [], plain)[0]).toBe('  ␛[2Jx');
  });
});
