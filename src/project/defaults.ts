import type { Environment, Hooks } from './project.ts';

/** An environment about which nothing is said but its name. */
export function plainEnvironment(name: string): Environment {
  return {
    name,
    protected: false,
    readOnly: false,
    from: 'anywhere',
    policy: undefined,
    after: undefined,
    soak: 0,
    rehearse: 'full',
    backup: 'take',
    timeouts: { connect: 10_000, busy: 5000 },
    invariants: [],
    targets: [],
  };
}

export const noHooks: Hooks = {
  beforeBackup: undefined,
  afterBackup: undefined,
  beforeDryRun: undefined,
  afterDryRun: undefined,
  beforeApply: undefined,
  afterApply: undefined,
  beforeVerify: undefined,
  afterVerify: undefined,
};

export const drizzleTable = '__drizzle_migrations';
/** Where Drizzle has it in PostgreSQL. */
export const drizzleSchema = 'drizzle';
export const d1Table = 'd1_migrations';
export const numberedTable = '_migrations';
/** Where that is in PostgreSQL. */
export const numberedSchema = 'public';
export const keepDays = 7;
