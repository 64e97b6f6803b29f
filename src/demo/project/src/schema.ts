import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export const teams = sqliteTable('teams', {
  id: integer().primaryKey(),
  name: text().notNull(),
  country: text().references(() => countries.code),
  plan: text().references(() => plans.id),
  createdAt: text('created_at').notNull(),
  updatedAt: text('updated_at'),
});

export const users = sqliteTable(
  'users',
  {
    id: integer().primaryKey(),
    teamId: integer('team_id')
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    mail: text().notNull(),
    phone: text(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [uniqueIndex('users_mail_idx').on(table.mail), index('users_team_idx').on(table.teamId)],
);

export const orders = sqliteTable(
  'orders',
  {
    id: integer().primaryKey(),
    teamId: integer('team_id')
      .notNull()
      .references(() => teams.id),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id),
    reference: text().notNull(),
    status: text().notNull().default('open'),
    currency: text().notNull().default('EUR'),
    netCents: integer('net_cents').notNull(),
    taxCents: integer('tax_cents').notNull(),
    items: integer().notNull().default(0),
    createdAt: text('created_at').notNull(),
    paidAt: text('paid_at'),
    dueDate: text('due_date'),
  },
  (table) => [index('orders_team_idx').on(table.teamId), index('orders_due_idx').on(table.dueDate)],
);

export const orderItems = sqliteTable(
  'order_items',
  {
    id: integer().primaryKey(),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    title: text().notNull(),
    quantity: integer().notNull(),
    cents: integer().notNull(),
  },
  (table) => [index('order_items_order_idx').on(table.orderId)],
);

export const invoices = sqliteTable(
  'invoices',
  {
    id: integer().primaryKey(),
    teamId: integer('team_id')
      .notNull()
      .references(() => teams.id),
    number: text().notNull(),
    month: text().notNull(),
    totalCents: integer('total_cents').notNull().default(0),
    orders: integer().notNull().default(0),
    sentAt: text('sent_at'),
  },
  (table) => [
    uniqueIndex('invoices_number_idx').on(table.number),
    index('invoices_team_month_idx').on(table.teamId, table.month),
  ],
);

export const countries = sqliteTable('countries', {
  code: text().primaryKey(),
  name: text().notNull(),
  vatPercent: integer('vat_percent').notNull(),
});

export const plans = sqliteTable('plans', {
  id: text().primaryKey(),
  title: text().notNull(),
  centsPerMonth: integer('cents_per_month').notNull(),
});

export const orderDrafts = sqliteTable('order_drafts', {
  id: integer().primaryKey(),
  orderId: integer('order_id').references(() => orders.id, { onDelete: 'set null' }),
  userId: integer('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  body: text().notNull(),
  savedAt: text('saved_at').notNull(),
});

export const payments = sqliteTable(
  'payments',
  {
    id: integer().primaryKey(),
    invoiceId: integer('invoice_id')
      .notNull()
      .references(() => invoices.id, { onDelete: 'restrict' }),
    cents: integer().notNull(),
    method: text().notNull(),
    receivedAt: text('received_at').notNull(),
  },
  (table) => [index('payments_invoice_idx').on(table.invoiceId)],
);

export const comments = sqliteTable(
  'comments',
  {
    id: integer().primaryKey(),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    userId: integer('user_id').references(() => users.id, { onDelete: 'set null' }),
    body: text().notNull(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [index('comments_order_idx').on(table.orderId)],
);

export const auditLog = sqliteTable(
  'audit_log',
  {
    id: integer().primaryKey(),
    userId: integer('user_id'),
    action: text().notNull(),
    subject: text().notNull(),
    at: text().notNull(),
  },
  (table) => [index('audit_log_at_idx').on(table.at)],
);

export const teamRooms = sqliteTable(
  'team_rooms',
  {
    id: integer().primaryKey(),
    teamId: integer('team_id')
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    title: text().notNull(),
    seats: integer().notNull().default(4),
  },
  (table) => [uniqueIndex('team_rooms_title_idx').on(table.teamId, table.title)],
);

export const userApiKeys = sqliteTable(
  'user_api_keys',
  {
    id: integer().primaryKey(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    label: text().notNull(),
    hash: text().notNull(),
    createdAt: text('created_at').notNull(),
    usedAt: text('used_at'),
  },
  (table) => [uniqueIndex('user_api_keys_hash_idx').on(table.hash)],
);

export const orderTerms = sqliteTable('order_terms', {
  days: integer().primaryKey(),
  title: text().notNull(),
});
