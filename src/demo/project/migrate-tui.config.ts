import { defineConfig } from 'migrate-tui';

export default defineConfig({
  databases: {
    app: { migrations: 'drizzle' },
    auth: { migrations: 'drizzle-auth' },
  },
  // In promotion order: what runs on staging today may run on production next.
  environments: {
    local: { targets: { app: 'file:local.db', auth: 'file:local-auth.db' } },
    dev: { targets: { app: 'file:dev.db', auth: 'file:dev-auth.db' } },
    staging: { targets: { app: 'file:staging.db', auth: 'file:staging-auth.db' } },
    production: {
      protected: true,
      after: 'staging',
      targets: { app: 'file:production.db', auth: 'file:production-auth.db' },
      // Asked before and after every deploy; the answers must be equal.
      invariants: {
        'money received': { database: 'app', sql: 'SELECT sum(cents) FROM payments' },
        'orders without a team': {
          database: 'app',
          sql: 'SELECT count(*) FROM orders WHERE team_id NOT IN (SELECT id FROM teams)',
        },
      },
    },
  },
  // What stands in for people and their keys where `resync` copies rows to another environment.
  masks: {
    '*.mail': 'hash',
    'users.name': 'hash',
    'users.phone': 'null',
    'user_api_keys.hash': 'hash',
    'accounts.password_hash': 'hash',
    'sessions.id': 'hash',
  },
  // Practice data: its backups go away with the folder.
  backups: { to: 'backups' },
});
