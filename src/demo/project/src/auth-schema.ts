import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export const accounts = sqliteTable(
  'accounts',
  {
    id: integer().primaryKey(),
    mail: text().notNull(),
    passwordHash: text('password_hash').notNull(),
    locked: integer({ mode: 'boolean' }).notNull().default(false),
    createdAt: text('created_at').notNull(),
  },
  (table) => [uniqueIndex('accounts_mail_idx').on(table.mail)],
);

export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    accountId: integer('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    agent: text().notNull(),
    expiresAt: text('expires_at').notNull(),
  },
  (table) => [index('sessions_account_idx').on(table.accountId)],
);
