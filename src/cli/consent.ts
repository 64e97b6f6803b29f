import { MigrateError } from '../lib/errors.ts';
import type { Consent, Selection } from '../operations/change.ts';
import type { Given } from './arguments.ts';

/** The consent that flags give beforehand, for one environment. Throws `usage` for a value of another form. */
export function readConsent(given: Given, environment: string): Consent {
  const consent: Consent = {
    yes: given.has('yes') ? 'given' : 'not-given',
    confirm: readConfirm(given, environment),
    acceptLoss: given.values('accept-loss').map(readLoss),
    accept: given.values('accept').map(readAccept),
    without: given.values('without').map(readWithout),
    reason: given.value('reason'),
    ...readUnmasked(given),
    ...readHow(given),
  };
  if ((consent.accept.length > 0 || consent.without.length > 0) && consent.reason === undefined) {
    const flag = consent.accept.length > 0 ? '--accept' : '--without';
    throw usage(`${flag} needs a reason, which is recorded with the run.`, 'Add --reason "why".');
  }
  return consent;
}

/** `--accept RULE:TABLE` under the one rule that a command knows, each with the reason. */
export function readAccepted(
  given: Given,
  rule: string,
): readonly { readonly table: string; readonly reason: string }[] {
  const accepted = given.values('accept').map(readAccept);
  const reason = given.value('reason');
  const other = accepted.find((one) => one.rule !== rule);
  if (other) throw usage(`${other.rule} is nothing to be accepted here.`, `Write --accept ${rule}:TABLE.`);
  if (accepted.length > 0 && reason === undefined) {
    throw usage('--accept needs a reason, which is recorded.', 'Add --reason "why".');
  }
  return accepted.map(({ tag }) => ({ table: tag, reason: reason ?? '' }));
}

/** Which migrations `--to`, `--only`, `--database` and `--out-of-order` choose. @throws MigrateError `usage` */
export function readSelection(given: Given): Selection {
  if (given.has('to') && given.has('only')) {
    throw usage('--to and --only say different things.', 'Keep one of them.');
  }
  return {
    databases: readDatabases(given),
    to: given.value('to'),
    only: given.value('only'),
    order: given.has('out-of-order') ? 'out-of-order' : 'in-order',
  };
}

/** Those of `--database`; undefined: all. */
export function readDatabases(given: Given): readonly string[] | undefined {
  const databases = given.values('database');
  return databases.length === 0 ? undefined : databases;
}

/** `--tables a,b`, without repeated names. */
export function readTables(
  given: Given,
  flag: 'tables' | 'exclude' = 'tables',
): readonly string[] | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) {
    throw usage(
      `--${flag} ${JSON.stringify(text)} has an empty name.`,
      `Write --${flag} a,b with the names of tables between commas.`,
    );
  }
  return [...new Set(names)];
}

/** For what works on one database at a time. */
export function readDatabase(given: Given): string | undefined {
  const [database, another] = given.values('database');
  if (another !== undefined && another !== database) {
    throw usage('This works on one database at a time.', 'Keep one --database.');
  }
  return database;
}

/** With several, the one for this environment; a single one is taken as it is, so that a wrong name is refused. */
export function readConfirm(given: Given, environment: string): Consent['confirm'] {
  const all = given.values('confirm').map((text) => {
    const at = text.lastIndexOf('@');
    return at === -1
      ? { environment: text, hash: undefined }
      : { environment: text.slice(0, at), hash: text.slice(at + 1) };
  });
  const through = given.has('through') || all.length > 1;
  return all.find((each) => each.environment === environment) ?? (through ? undefined : all[0]);
}

function readLoss(text: string): { table: string; rows: number } {
  const equals = text.lastIndexOf('=');
  const rows = text.slice(equals + 1);
  if (equals < 1 || !/^\d{1,15}$/.test(rows)) {
    throw usage(
      `--accept-loss ${JSON.stringify(text)} does not name a table and its rows.`,
      'Write --accept-loss TABLE=ROWS, such as order_items=1204.',
    );
  }
  return { table: text.slice(0, equals), rows: Number(rows) };
}

function readAccept(text: string): { rule: string; tag: string } {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) {
    throw usage(
      `--accept ${JSON.stringify(text)} does not name a rule and a migration.`,
      'Write --accept RULE:TAG, as the finding is listed.',
    );
  }
  return { rule: text.slice(0, colon), tag: text.slice(colon + 1) };
}

function readWithout(text: string): 'backup' | 'dry-run' {
  if (text === 'backup' || text === 'dry-run') return text;
  throw usage(
    `--without ${JSON.stringify(text)} is no step that can be left out.`,
    'Write --without backup or --without dry-run.',
  );
}

function readUnmasked(given: Given): Pick<Consent, 'unmasked'> {
  const columns = given.values('accept-unmasked');
  if (columns.length === 0) return {};
  const other = columns.find((column) => !/^[^.]+\..+$/.test(column));
  if (other === undefined) return { unmasked: columns };
  throw usage(
    `--accept-unmasked ${JSON.stringify(other)} does not name a table and a column.`,
    'Write --accept-unmasked TABLE.COLUMN.',
  );
}

function readHow(given: Given): Pick<Consent, 'how'> {
  const how = given.value('agreed');
  if (how === undefined) return {};
  if (how === 'typed') return { how };
  throw usage(
    `--agreed ${JSON.stringify(how)} is no way to agree.`,
    'Write --agreed typed, or leave it away.',
  );
}

function usage(message: string, next: string): MigrateError {
  return new MigrateError('usage', message, { next });
}
