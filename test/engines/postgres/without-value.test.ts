import { expect, test } from 'vitest';
import { withoutValue } from '../../../src/engines/postgres/without-value.ts';

test.each([
  ['22P02', 'invalid input syntax for type integer: "a"b c"', 'invalid input syntax for type integer: "•••"'],
  ['22P02', 'ungültige Eingabesyntax für Typ integer: »a«', 'ungültige Eingabesyntax für Typ integer: "•••"'],
  [
    '22003',
    'value "99999999999" is out of range for type integer',
    'value "•••" is out of range for type integer',
  ],
  ['22007', 'invalid input syntax for type date: "two\nlines"', 'invalid input syntax for type date: "•••"'],
  ['22012', 'division by zero', 'division by zero'],
  ['42P01', 'relation "teams" does not exist', 'relation "teams" does not exist'],
  [
    '22P02',
    'invalid input syntax for type integer: "migrate-tui-guard:lease:gone\'"',
    'invalid input syntax for type integer: "migrate-tui-guard:lease:gone\'"',
  ],
])('%s %s', (code, message, said) => {
  expect(withoutValue(code, message)).toBe(said);
});
