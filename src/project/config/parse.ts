import { parseDuration } from '../duration.ts';
import { isPlainName } from '../plain-name.ts';
import { parseNotify } from './parse-notify.ts';
import { parsePostgres, type ParsedPostgres } from './parse-postgres.ts';
import { parseTheme } from './parse-theme.ts';
import type { IgnoredObject, Project } from '../project.ts';
import {
  amount,
  bad,
  flag,
  inside,
  keys,
  listOf,
  namesTo,
  oneOf,
  secret,
  text,
  url,
  wrong,
  type Place,
  type Read,
} from './shape.ts';
import { objectTypes } from '../../sql/object-types.ts';

/** Our configuration, checked by itself: every key is known, every value of its kind. */
export type ParsedConfig = ReturnType<typeof readConfig>;
export type ParsedDatabase = ReturnType<typeof database>;
export type ParsedEnvironment = ReturnType<typeof environment>;

/** Where a database is, as the configuration says it: texts may be `env:NAME`. */
export type ParsedTarget =
  | { readonly kind: 'url'; readonly url: string; readonly authToken: string | undefined }
  | {
      readonly kind: 'd1';
      /** Name or id. */
      readonly database: string;
      readonly account: string | undefined;
      readonly token: string | undefined;
      readonly wranglerEnv: string | undefined;
    }
  | { readonly kind: 'd1-local'; readonly binding: string; readonly persistTo: string | undefined }
  | ParsedPostgres;

/** Throws `config` with file, key and fix. */
export function parseConfig(file: string, exported: unknown): ParsedConfig {
  return readConfig(exported, { file, key: '' });
}

const name = (value: string, at: Place): string => {
  if (isPlainName(value)) return value;
  throw bad(
    at.key === '' ? { ...at, key: 'a name' } : at,
    'has a name that a shell or a path would take apart: with a space, a slash, a quote, a control character or one of $&|;<>()*?[]{}!#~^@, or with a dot or dash at its beginning',
    `Rename it in ${at.file}; eu-west_1.b may stand there.`,
  );
};

function named<T>(read: Read<T>): Read<ReadonlyMap<string, T>> {
  const readAll = namesTo(read);
  return (value, at) => {
    const all = readAll(value, at);
    for (const key of all.keys()) name(key, inside(at, JSON.stringify(key)));
    return all;
  };
}

const duration: Read<number> = (value, at) => {
  const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (milliseconds === undefined) throw wrong(at, value, "a duration such as '30m', '24h' or '7d'");
  return milliseconds;
};

const database = keys({
  migrations: text,
  bookkeeping: oneOf('drizzle', 'd1', 'numbered'),
  table: text,
  tableSchema: text,
  only: listOf(text),
});

const target: Read<ParsedTarget> = (value, at) => {
  if (typeof value === 'string') return { kind: 'url', url: url(value, at), authToken: undefined };
  if (typeof value !== 'object' || value === null) throw wrong(at, value, "a URL, env('NAME') or an object");
  if ('d1' in value || 'd1Local' in value) return d1(value, at);
  if ('postgres' in value) return parsePostgres(value, at);
  const read = keys({ url, authToken: secret })(value, at);
  if (read.url === undefined) throw wrong(inside(at, 'url'), undefined, "a URL or env('NAME')");
  return { kind: 'url', url: read.url, authToken: read.authToken };
};

function d1(value: object, at: Place): ParsedTarget {
  if ('d1Local' in value) {
    const { d1Local, persistTo } = keys({ d1Local: text, persistTo: text })(value, at);
    if (d1Local === undefined) throw wrong(inside(at, 'd1Local'), undefined, 'the name of a binding');
    return { kind: 'd1-local', binding: d1Local, persistTo };
  }
  const read = keys({ d1: text, account: text, token: secret, wranglerEnv: text })(value, at);
  if (read.d1 === undefined) throw wrong(inside(at, 'd1'), undefined, 'the name or id of a database');
  return {
    kind: 'd1',
    database: read.d1,
    account: read.account,
    token: read.token,
    wranglerEnv: read.wranglerEnv,
  };
}

/** Several: the first is for new backups, all of them are for those there are. */
const backupKey: Read<readonly string[]> = (value, at) => {
  const references = Array.isArray(value) ? listOf(secret)(value, at) : [secret(value, at)];
  if (references.length === 0) throw wrong(at, value, "env('NAME'), or a list of them");
  return references;
};

const query: Read<{
  readonly sql: string;
  readonly database: string | undefined;
  readonly within: number;
}> = (value, at) => {
  if (typeof value === 'string') return { sql: text(value, at), database: undefined, within: 0 };
  const { sql, database, within = 0 } = keys({ sql: text, database: text, within: amount })(value, at);
  if (sql === undefined) throw wrong(inside(at, 'sql'), undefined, 'a query');
  return { sql, database, within };
};

const environment = keys({
  targets: namesTo(target),
  protected: flag,
  readOnly: flag,
  after: text,
  soak: duration,
  from: oneOf('ci'),
  policy: oneOf('additive'),
  rehearse: oneOf('full', 'in-target', 'structure'),
  backup: oneOf('take', 'external'),
  timeouts: keys({ connect: duration, busy: duration }),
  invariants: namesTo(query),
});

/** Without a reason nobody knows later whether it may still be there. */
const ignored: Read<IgnoredObject> = (value, at) => {
  const { object, reason } = keys({ object: text, reason: text })(value, at);
  if (object === undefined) throw wrong(inside(at, 'object'), undefined, "a name, or 'table NAME'");
  if (reason === undefined) throw wrong(inside(at, 'reason'), undefined, 'why it may differ');
  const [, type, name = ''] = typed.exec(object) ?? [];
  return { type: objectTypes.find((known) => known === type), name, reason };
};

const typed = new RegExp(`^(?:(${objectTypes.join('|')}) +)?(.+)$`, 's');

const hook: Read<string | Readonly<Record<string, string>>> = (value, at) =>
  typeof value === 'string' ? text(value, at) : Object.fromEntries(namesTo(text)(value, at));

/** Which columns there are only their database knows: the names are held against it when rows are copied. */
const maskRules: Read<Project['masks']> = (value, at) => {
  const rules = namesTo(oneOf('hash', 'null', 'keep'))(value, at);
  for (const key of rules.keys()) {
    if (/^(\*|[^*]+)\.[^*]+$/.test(key)) continue;
    const next = "Write 'users.email' for one column, or '*.email' for that column of every table.";
    throw bad(inside(at, JSON.stringify(key)), 'does not name a table and a column', next);
  }
  return rules;
};

const readConfig = keys({
  // For editors, in JSON.
  $schema: text,
  databases: named(database),
  environments: named(environment),
  order: listOf(text),
  ledger: url,
  backups: keys({ to: text, keep: duration, key: backupKey }),
  hooks: keys({
    beforeBackup: hook,
    afterBackup: hook,
    beforeDryRun: hook,
    afterDryRun: hook,
    beforeApply: hook,
    afterApply: hook,
    beforeVerify: hook,
    afterVerify: hook,
  }),
  notify: parseNotify,
  masks: maskRules,
  ignoreDrift: listOf(ignored),
  // Which rules there are is known where they are asked.
  rules: namesTo(oneOf('off', 'info', 'warning', 'error')),
  seed: hook,
  installations: oneOf('known', 'unknown'),
  theme: parseTheme,
});
