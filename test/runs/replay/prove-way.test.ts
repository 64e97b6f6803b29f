import { expect, test } from 'vitest';
import { disprovenWays } from '../../../src/runs/replay/prove-way.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { openHalf } from '../../support/half-database.ts';

const users = 'CREATE TABLE users (id integer PRIMARY KEY, email text)';
const view = 'CREATE VIEW emails AS SELECT email FROM users';
const whole = ['ALTER TABLE users ADD age integer', 'CREATE INDEX users_age_idx ON users (age)'];

test.each(['libsql-file', 'd1-local'] as const)(
  'statements that end where they have to are not spoken against, others are with the reason: %s',
  async (like) => {
    const said = await disprovenWays({
      from: await schemaOf([users, view, whole[0] ?? '']),
      points: await Promise.all([0, 1, 2].map((end) => schemaOf([users, view, ...whole.slice(0, end)]))),
      proofs: new Map([
        ['resume', { statements: [{ sql: whole[1] ?? '' }], to: 2 }],
        ['back-out', { statements: [{ sql: 'ALTER TABLE users DROP COLUMN age' }], to: 0 }],
        ['again', { statements: whole.map((sql) => ({ sql })), to: 2 }],
        ['nothing', { statements: [], to: 2 }],
        ['beyond', { statements: [], to: 3 }],
      ]),
      like,
      bookkeeping: '__drizzle_migrations',
    });
    expect(Object.fromEntries(said)).toEqual({
      again:
        'Tried out on the schema as it is, it stops at its statement 1 (ADD COLUMN users.age): duplicate column name: age.',
      nothing:
        'Tried out on the schema as it is, it does not end where it has to: index users_age_idx would be another one.',
      beyond: 'It cannot be tried out: what the whole migration leaves is not known.',
    });
  },
);

test('what somebody changed by hand elsewhere is there when it is tried out, and is not compared', async () => {
  const byHand = ['CREATE TABLE by_hand (x)', 'CREATE VIEW on_email AS SELECT email FROM users'];
  const said = await disprovenWays({
    from: await schemaOf([users, ...byHand]),
    points: await Promise.all([schemaOf([users]), schemaOf([users, 'ALTER TABLE users DROP COLUMN email'])]),
    proofs: new Map([
      ['drop', { statements: [{ sql: 'ALTER TABLE users DROP COLUMN email' }], to: 1 }],
      ['none', { statements: [], to: 0 }],
    ]),
    like: 'libsql-file',
    bookkeeping: '__drizzle_migrations',
  });
  expect([...said.keys()]).toEqual(['drop']);
  expect(said.get('drop')).toContain(
    'it stops at its statement 1 (DROP COLUMN users.email): error in view on_email',
  );
});

async function schemaOf(statements: readonly string[]): Promise<Schema> {
  await using engine = await openHalf(statements);
  return await readSchema(engine.query);
}
