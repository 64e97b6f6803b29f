import type { Statement } from '../sql/statement.ts';

/** How many rows an environment of the demo holds. */
export interface Scale {
  readonly teams: number;
  readonly users: number;
  readonly orders: number;
  /** Orders, counted from the newest, whose items are still kept. */
  readonly itemised: number;
  readonly drafts: number;
  readonly notes: number;
  readonly comments: number;
  readonly audit: number;
  readonly rooms: number;
  readonly keys: number;
}

/**
 * The rows of the `app` database as its schema is after 0013, the same on every machine: all values are
 * computed by SQLite from the row's number, which is also why 48,210 orders take a tenth of a second.
 *
 * @param without tables that this environment does not have yet
 */
export function appRows(
  scale: Scale,
  { without }: { readonly without: readonly string[] },
): readonly Statement[] {
  const { teams, users, orders } = scale;
  const months = `printf('2026-%02d', 1 + ${pick(41, 10)})`;
  const inserts: readonly (readonly [string, string])[] = [
    [
      'teams',
      `INSERT INTO teams (id, name, country, plan, created_at)
      ${series(teams)} SELECT i, ${oneOf(companies, 1)} || ' ' || ${oneOf(trades, 2)}, ${oneOf(countries, 3)}, ${oneOf(plans, 4)}, ${day('i', teams)} FROM n`,
    ],
    [
      'users',
      `INSERT INTO users (id, team_id, name, mail, phone, created_at)
      ${series(users)} SELECT i, ${teamOf('i', teams)}, ${oneOf(first, 5)} || ' ' || ${oneOf(last, 6)},
        lower(${oneOf(first, 5)}) || '.' || i || '@ledgerly.example',
        CASE WHEN ${pick(7, 3)} > 0 THEN '+49 30 ' || (100000 + ${pick(8, 900000)}) END, ${day('i', users)} FROM n`,
    ],
    [
      'orders',
      `INSERT INTO orders (id, team_id, user_id, reference, status, currency, net_cents, tax_cents, items, created_at, paid_at)
      ${series(orders)} SELECT i, ${teamOf(userOf(users), teams)}, ${userOf(users)}, 'L-' || (100000 + i), ${statusOf(orders)}, 'EUR',
        ${cents}, ${cents} * 19 / 100, 1 + ${pick(12, 5)}, ${day('i', orders)},
        CASE ${statusOf(orders)} WHEN 'paid' THEN date(${day('i', orders)}, '+' || (2 + ${pick(13, 20)}) || ' days') END FROM n`,
    ],
    [
      'order_items',
      `INSERT INTO order_items (order_id, title, quantity, cents)
      WITH RECURSIVE n (i, k) AS (SELECT ${orders - scale.itemised + 1}, 1 UNION ALL
        SELECT CASE WHEN k < 5 THEN i ELSE i + 1 END, CASE WHEN k < 5 THEN k + 1 ELSE 1 END FROM n WHERE i < ${orders} OR k < 5)
      SELECT n.i, ${oneOf(goods, 14, 'n.i * 5 + k')}, 1 + ${pick(15, 4, 'n.i * 5 + k')}, 250 + ${pick(16, 9000, 'n.i * 5 + k')}
      FROM n JOIN orders ON orders.id = n.i WHERE k <= orders.items`,
    ],
    [
      'invoices',
      `INSERT INTO invoices (id, team_id, number, month, sent_at)
      ${series(teams * 10)} SELECT i, 1 + (i - 1) / 10, 'R-' || (20000 + i), printf('2026-%02d', 1 + (i - 1) % 10), printf('2026-%02d-01', 2 + (i - 1) % 10) FROM n`,
    ],
    [
      'payments',
      `INSERT INTO payments (invoice_id, cents, method, received_at)
      ${series(teams * 9)} SELECT 1 + (i * 7) % ${teams * 10}, 4000 + ${pick(17, 90000)}, ${oneOf(methods, 18)}, ${months} || '-15' FROM n`,
    ],
    [
      'order_drafts',
      `INSERT INTO order_drafts (order_id, user_id, body, saved_at)
      ${series(scale.drafts)} SELECT CASE WHEN i % 10 IN (2, 5, 8) THEN NULL ELSE 1 + ${pick(19, orders)} END, ${userOf(users)},
        'Draft ' || i || ': ' || ${oneOf(goods, 20)}, ${day('i', scale.drafts)} FROM n`,
    ],
    [
      'notes',
      `INSERT INTO notes (order_id, body, created_at)
      ${series(scale.notes)} SELECT 1 + ${pick(21, orders)}, ${oneOf(remarks, 22)}, ${day('i', scale.notes)} FROM n`,
    ],
    [
      'comments',
      `INSERT INTO comments (order_id, user_id, body, created_at)
      ${series(scale.comments)} SELECT 1 + ${pick(23, orders)}, ${userOf(users)}, ${oneOf(remarks, 24)}, ${day('i', scale.comments)} FROM n`,
    ],
    [
      'audit_log',
      `INSERT INTO audit_log (user_id, action, subject, at)
      ${series(scale.audit)} SELECT ${userOf(users)}, ${oneOf(actions, 25)}, 'order ' || (1 + ${pick(26, orders)}), ${day('i', scale.audit)} FROM n`,
    ],
    [
      'team_rooms',
      `INSERT INTO team_rooms (team_id, title, seats)
      ${series(scale.rooms)} SELECT ${teamOf('i', teams)}, ${oneOf(rooms, 27)} || ' ' || i, 4 + ${pick(28, 12)} FROM n`,
    ],
    [
      'user_api_keys',
      `INSERT INTO user_api_keys (user_id, label, hash, created_at)
      ${series(scale.keys)} SELECT ${userOf(users)}, 'key ' || i, printf('%016x', i * 1000003 + ${pick(29, 999983)}), ${day('i', scale.keys)} FROM n`,
    ],
  ];
  return inserts.filter(([table]) => !without.includes(table)).map(([, sql]) => ({ sql }));
}

/** The rows of the `auth` database. */
export function authRows({ users }: Scale): readonly Statement[] {
  return [
    `INSERT INTO accounts (id, mail, password_hash, created_at, locked)
      ${series(users)} SELECT i, lower(${oneOf(first, 5)}) || '.' || i || '@ledgerly.example', printf('%032x', i * 48271 * 69621), ${day('i', users)}, i % 97 = 0 FROM n`,
    `INSERT INTO sessions (id, account_id, agent, expires_at)
      ${series(users / 2)} SELECT printf('%012x', i * 1000003 + 17), 1 + ${pick(30, users)}, ${oneOf(agents, 31)}, '2026-12-24' FROM n`,
  ].map((sql) => ({ sql }));
}

/** The numbers from 1 to `count` as the table `n (i)`. */
function series(count: number): string {
  return `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.floor(count)})`;
}

/** A whole number from 0 to below `of` that looks random; every `salt` gives another series (Park and Miller's generator). */
function pick(salt: number, of: number, number = 'i'): string {
  return `((((${number}) * ${7919 * salt + 104_729} % 2147483647) * 48271 % 2147483647) % ${of})`;
}

function oneOf(choices: readonly string[], salt: number, number = 'i'): string {
  return `CASE ${pick(salt, choices.length, number)} ${choices.map((choice, at) => `WHEN ${at} THEN '${choice}'`).join(' ')} END`;
}

/** Days in step with the row's number, so that ids and dates rise together as in a table that grew. */
function day(number: string, count: number): string {
  return `date('2026-01-13', '+' || (${number} * 300 / ${count}) || ' days')`;
}

const teamOf = (user: string, teams: number) => `(1 + (${user}) % ${teams})`;
const userOf = (users: number) => `(1 + ${pick(9, users)})`;
const statusOf = (orders: number) =>
  `CASE WHEN i > ${Math.floor(orders * 0.94)} THEN 'open' WHEN ${pick(10, 40)} = 0 THEN 'void' ELSE 'paid' END`;
const cents = `(900 + ${pick(11, 240_000)})`;

const first = [
  'Ada',
  'Bruno',
  'Clara',
  'Dario',
  'Edith',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Katja',
  'Luca',
  'Mira',
  'Nils',
  'Olga',
  'Pavel',
  'Rosa',
  'Samir',
  'Tilda',
  'Ugo',
];
const last = [
  'Abel',
  'Brandt',
  'Costa',
  'Dumont',
  'Eklund',
  'Fischer',
  'Garcia',
  'Horvat',
  'Iversen',
  'Jansen',
  'Kovac',
  'Lindner',
  'Moreau',
  'Novak',
  'Olsen',
  'Petrov',
  'Rossi',
  'Silva',
  'Toth',
  'Weber',
];
const companies = [
  'Amber',
  'Birch',
  'Cobalt',
  'Delta',
  'Ember',
  'Fjord',
  'Granite',
  'Harbour',
  'Indigo',
  'Juniper',
  'Kestrel',
  'Linden',
  'Meadow',
  'North',
  'Orchard',
  'Pine',
];
const trades = [
  'Bakery',
  'Bicycles',
  'Books',
  'Brewery',
  'Carpentry',
  'Ceramics',
  'Cinema',
  'Coffee',
  'Garden',
  'Glass',
  'Printing',
  'Studio',
];
const countries = ['DE', 'DE', 'DE', 'AT', 'FR', 'IT', 'NL', 'PL', 'ES', 'SE'];
const plans = ['free', 'free', 'solo', 'solo', 'team', 'firm', 'house'];
const goods = [
  'Paper A4',
  'Toner black',
  'Desk lamp',
  'Notebook',
  'Cable 2 m',
  'Chair',
  'Coffee 1 kg',
  'Labels',
  'Shelf',
  'Tape',
];
const methods = ['transfer', 'transfer', 'card', 'debit'];
const actions = ['order.created', 'order.sent', 'order.paid', 'invoice.sent', 'login'];
const rooms = ['Atrium', 'Attic', 'Cellar', 'Studio', 'Terrace'];
const remarks = [
  'Call before delivery',
  'Second reminder sent',
  'Paid in cash',
  'Wants a monthly invoice',
  'Address changed',
  'Discount agreed',
];
const agents = ['Firefox on Linux', 'Safari on macOS', 'Chrome on Windows', 'Ledgerly for Android'];
