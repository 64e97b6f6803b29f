import { expect, test } from 'vitest';
import { withoutValues } from '../../src/lib/without-values.ts';

test.each([
  { message: 'near "FROM": syntax error', shown: 'near "FROM": syntax error' },
  { message: `unrecognized token: "'ann@example.org"`, shown: 'unrecognized token: "•••"' },
  { message: 'bad value \'hunter2\' and "two words"', shown: `bad value '•••' and "•••"` },
  { message: "datatype mismatch in x'CAFE'", shown: "datatype mismatch in x'•••'" },
  { message: "bad value 'two\nlines' here", shown: "bad value '•••' here" },
  {
    message: "The lock is no longer this run's: it is ann's now.",
    shown: "The lock is no longer this run's: it is ann's now.",
  },
  { message: 'UNIQUE constraint failed: users.email', shown: 'UNIQUE constraint failed: users.email' },
])('$message', ({ message, shown }) => {
  expect(withoutValues(message)).toBe(shown);
});
