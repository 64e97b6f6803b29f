import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, positionOf } from '../../src/lib/json.ts';

test('JSON reads as JSON, a byte-order mark or not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', '\uFEFF'), (value, mark) => {
      const text = JSON.stringify(value);
      expect(parseJson(mark + text)).toEqual({ kind: 'read', value: JSON.parse(text) });
    }),
  );
});

test('the place of a mistake is the one that the engine reports, where it reports one', () => {
  const scrap = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '1',
    '-',
    'true',
    'x',
    ' ',
    '\n',
    '"\\u00e9"',
    '1.5e3',
    '\\',
  );
  const json = fc.jsonValue().map((value) => JSON.stringify(value, undefined, 1));
  const broken = fc.tuple(json, fc.nat(), scrap).map(([text, at, part]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + part + text.slice(place);
  });
  let compared = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        broken,
        fc.array(scrap).map((parts) => parts.join('')),
      ),
      (text) => {
        const result = parseJson(text);
        const reported = errorOf(text);
        expect(result.kind).toBe(reported === undefined ? 'read' : 'invalid');
        if (result.kind === 'read' || !reported) return;
        // Inside a string or number the engine counts to the character, we to the beginning of it.
        if (!/^(?:Expected|Unexpected non-white)/.test(reported.message)) return;
        compared += 1;
        expect({ line: result.line, column: result.column }).toEqual(positionOf(text, reported.offset));
      },
    ),
    { numRuns: 3000 },
  );
  expect(compared).toBeGreaterThan(300);
});

function errorOf(text: string): { readonly message: string; readonly offset: number } | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error);
    return { message, offset: Number(/at position (\d+)/.exec(message)?.[1] ?? NaN) };
  }
}
