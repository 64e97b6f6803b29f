import type { Rule } from './rule.ts';

type How = Rule['severity'][keyof Rule['severity']];

/** The same on every engine. */
export function everywhere(how: How): Rule['severity'] {
  return { file: how, remote: how, d1Local: how, d1Remote: how, postgres: how };
}

/** On files, libSQL servers and D1, and not on PostgreSQL. */
export function onSqlite(how: How): Rule['severity'] {
  return { ...everywhere(how), postgres: 'off' };
}

/** On D1 alone, here and at Cloudflare. */
export function onD1(how: How): Rule['severity'] {
  return { ...everywhere('off'), d1Local: how, d1Remote: how };
}

/** On PostgreSQL alone. */
export function onPostgres(how: How): Rule['severity'] {
  return { ...everywhere('off'), postgres: how };
}
