import { expect, test } from 'vitest';
import { withoutLiterals } from '../../src/sql/without-literals.ts';

const names = new Set(['users', 'email']);

test.each([
  {
    sql: "INSERT INTO users (email) VALUES ('ann@example.org', 4711, x'CAFE', 1.5e3)",
    shown: "INSERT INTO users (email) VALUES ('•••', •••, x'•••', •••)",
  },
  {
    sql: '-- for ann@example.org\nUPDATE `users`\n  SET "email" = "hunter2" /* her word */ WHERE [id] = 7;',
    shown: 'UPDATE `users` SET "email" = "•••" WHERE [id] = •••;',
  },
  { sql: 'SELECT "Users"."EMAIL" FROM users', shown: 'SELECT "Users"."EMAIL" FROM users' },
  { sql: "INSERT INTO users VALUES ('never ended", shown: "INSERT INTO users VALUES ('•••'" },
  { sql: 'UPDATE users SET email = "never ended', shown: 'UPDATE users SET email = "•••"' },
])('of $sql nothing that is a value is left', ({ sql, shown }) => {
  expect(withoutLiterals(sql, names)).toBe(shown);
});
