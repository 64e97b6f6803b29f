import type { Scale } from './rows.ts';

/** How one environment of the demo came to be: what ran, what did not, and what was done to it by hand. */
export interface DemoEnvironment {
  readonly name: 'local' | 'dev' | 'staging' | 'production';
  /** One sentence for people: what is the matter with it. */
  readonly says: string;
  readonly scale: Scale;
  /** The last migration of `app` that ran as a whole. */
  readonly upTo: string;
  readonly skipped?: string;
  /** Applied, but the record of it is missing. */
  readonly unrecorded?: string;
  /** Recorded with another hash: the file was edited after it ran. */
  readonly edited?: { readonly tag: string; readonly hash: string };
  /** A record without a file. */
  readonly orphan?: { readonly hash: string; readonly when: number };
  /** Ran statement by statement without a transaction and was cut off after this many statements. */
  readonly cutOff?: { readonly tag: string; readonly after: number };
  /** What somebody typed into a database shell. */
  readonly byHand?: readonly string[];
}

const production: Scale = {
  teams: 412,
  users: 2140,
  orders: 48_210,
  itemised: 4100,
  drafts: 1040,
  notes: 640,
  comments: 1800,
  audit: 4800,
  rooms: 96,
  keys: 214,
};

/** In promotion order. */
export const demoEnvironments: readonly DemoEnvironment[] = [
  {
    name: 'local',
    says: 'drifted: changed by hand, one file edited after it ran, a record without a file, one without a record',
    scale: scaled(production, 0.05),
    upTo: '0016_drop_legacy_notes',
    unrecorded: '0013_user_api_keys',
    edited: {
      tag: '0011_audit_log',
      hash: 'c4d0e6f2b1a87365940fd2c81e7ab3d96f5280174ce93ab6d07f1e2583bc49a1',
    },
    orphan: {
      hash: '9f31c2ab7d0e45816bf2a98c3d57e0146c8b2f7da9350e61c48d7b1f2a6093e5',
      when: Date.parse('2026-07-20T10:31:17.406Z'),
    },
    byHand: [
      'ALTER TABLE users ADD COLUMN nickname text',
      'CREATE TABLE scratch_notes (id integer PRIMARY KEY, body text)',
      'DROP INDEX users_team_idx',
    ],
  },
  {
    name: 'dev',
    says: 'half-finished: 0014_orders_due_date was cut off after statement 4 of 12',
    scale: { ...scaled(production, 0.15), orders: production.orders },
    upTo: '0013_user_api_keys',
    cutOff: { tag: '0014_orders_due_date', after: 4 },
  },
  {
    name: 'staging',
    says: 'behind: 0012_team_rooms was merged after 0013 had run, and Drizzle 0.x would never run it',
    scale: scaled(production, 0.2),
    upTo: '0016_drop_legacy_notes',
    skipped: '0012_team_rooms',
  },
  {
    name: 'production',
    says: 'protected, and behind: 0014, 0015 and 0016 have not run',
    scale: production,
    upTo: '0013_user_api_keys',
  },
];

function scaled(scale: Scale, factor: number): Scale {
  const by = (count: number) => Math.max(10, Math.round(count * factor));
  return {
    teams: by(scale.teams),
    users: by(scale.users),
    orders: by(scale.orders),
    itemised: by(scale.itemised),
    drafts: by(scale.drafts),
    notes: by(scale.notes),
    comments: by(scale.comments),
    audit: by(scale.audit),
    rooms: by(scale.rooms),
    keys: by(scale.keys),
  };
}
