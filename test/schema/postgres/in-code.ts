/** A schema as a project of Drizzle has it in code, which both lines read. */
export const inCode = `import { sql } from 'drizzle-orm';
import { bigint, bigserial, boolean, check, date, decimal, foreignKey, index, integer, json, jsonb, numeric, pgEnum, pgMaterializedView, pgPolicy, pgSchema, pgSequence, pgTable, pgView, primaryKey, real, serial, smallint, smallserial, text, time, timestamp, unique, uniqueIndex, uuid, varchar, char, interval, inet, doublePrecision } from 'drizzle-orm/pg-core';
export const role = pgEnum('role', ['admin', 'user', "it's"]);
export const audit = pgSchema('audit');
export const mood = audit.enum('mood', ['sad', 'happy']);
export const counter = pgSequence('counter', { startWith: 100, increment: 5, maxValue: 10000, cache: 10, cycle: true });
export const plainSeq = pgSequence('plain_seq');
export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  email: varchar('email', { length: 200 }).notNull().unique(),
  name: text('name').unique('chosen_name'),
  role: role('role').default('user').notNull(),
  roles: role('roles').array().default(['admin']),
  created: timestamp('created', { withTimezone: true }).defaultNow().notNull(),
  at: timestamp('at', { precision: 3 }).default(sql\`now()\`),
  key: uuid('key').defaultRandom(),
  flag: boolean('flag').default(true),
  price: numeric('price', { precision: 10, scale: 2 }).default('1.50'),
  data: jsonb('data').default({ a: 1 }),
  tags: text('tags').array().default(sql\`'{}'::text[]\`),
  lower: text('lower').generatedAlwaysAs(sql\`lower(name)\`),
  i: interval('i').default('1 day'),
  ip: inet('ip'), dp: doublePrecision('dp').default(1.5), c: char('c', { length: 3 }), d: date('d').default('2020-01-01'), t: time('t'), s: smallint('s').default(3), b: bigint('b', { mode: 'number' }).default(5), r: real('r'),
  self: integer('self'),
}, (t) => [
  index('users_name_idx').on(t.name.desc().nullsLast()),
  uniqueIndex('users_lower_email').on(sql\`lower(\${t.email})\`),
  index('users_partial').using('btree', t.role).where(sql\`\${t.flag} = true\`),
  index().on(t.created, t.flag),
  index('users_data').using('gin', t.data),
  check('age_check', sql\`\${t.s} > 0\`),
  check('in_list', sql\`\${t.email} in ('a', 'b')\`),
  unique().on(t.s, t.b), unique('nn').on(t.r).nullsNotDistinct(),
  foreignKey({ columns: [t.self], foreignColumns: [t.id] }).onDelete('set null'),
]);
export const posts = pgTable('posts', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  n: integer('n').generatedByDefaultAsIdentity({ name: 'own_seq', startWith: 10, increment: 2 }),
  author: integer('author').notNull().references(() => users.id, { onDelete: 'cascade', onUpdate: 'restrict' }),
  other: integer('other').references(() => users.id),
});
export const both = pgTable('both', { a: integer('a').notNull(), b: bigserial('b', { mode: 'number' }), x: smallserial('x') }, (t) => [primaryKey({ columns: [t.a, t.b] })]);
export const both2 = pgTable('both2', { a: integer('a').notNull(), b: integer('b') , c: integer('c')}, (t) => [primaryKey({ name: 'own_pk', columns: [t.a, t.b] }), foreignKey({ columns: [t.a, t.c], foreignColumns: [both.a, both.b], name: 'own_fk' })]);
export const logs = audit.table('logs', { id: serial('id').primaryKey(), m: mood('m').default('sad'), u: integer('u').references(() => users.id), veryLongColumnNameThatGoesOnAndOnAndOnAndOn: text('very_long_column_name_that_goes_on_and_on_and_on_and_on_for_ever').unique() });
export const secure = pgTable('secure', { id: integer('id').primaryKey(), owner: text('owner') }, (t) => [pgPolicy('own_rows', { for: 'select', to: 'public', using: sql\`owner = current_user\` }), pgPolicy('ins', { for: 'insert', withCheck: sql\`true\`, as: 'restrictive' })]);
export const active = pgView('active').as((qb) => qb.select().from(users).where(sql\`\${users.flag}\`));
export const names = pgView('names', { name: text('name') }).as(sql\`select name from users where role = 'admin'\`);
export const stats = pgMaterializedView('stats').as((qb) => qb.select({ n: sql<number>\`count(*)\`.as('n') }).from(posts));
`;
