import { code } from '../../lib/markdown.ts';
import { duration } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { nameOf, tokens } from '../../sql/tokens.ts';
import { withoutLiterals } from '../../sql/without-literals.ts';
import { statementHashes } from '../diagnosis/attempt.ts';
import type { RecoveryCase, RunReport } from '../reports.ts';
import type { IncidentDatabase, IncidentUnit } from './incident.ts';

/** One migration in one database. */
export interface Asked {
  readonly tag: string;
  readonly migration: Migration | undefined;
  /** What the ledger has of it in the run. */
  readonly unit: IncidentUnit | undefined;
  readonly database: IncidentDatabase;
  readonly run: RunReport | undefined;
}

export interface StatementRows {
  /** How many there are. */
  readonly all: number;
  readonly shown: readonly {
    /** Number, place, what it did in the run and how long that took where there is a run, whether it is there now, hash. */
    readonly cells: readonly string[];
    readonly sql: readonly string[];
  }[];
}

/** The statements that were run, or those of the file where none is known to have been; a long list around its stop. */
export function statementRows(asked: Asked): StatementRows {
  const statements = statementsOf(asked);
  const names = namesIn(asked.database.migrations);
  const stop = stopOf(asked);
  return {
    all: statements.length,
    shown: around(statements, stop).map((one) => ({
      cells: [
        one.shown,
        one.line === undefined ? '' : code(`${fileName(asked.migration?.file ?? '')}:${one.line}`),
        ...(asked.run ? inRun(one.number, stop, asked) : []),
        inDatabase(one, asked),
        code(one.hash),
      ],
      sql: [`-- ${one.shown}`, one.sql === undefined ? notInFile : cut(withoutLiterals(one.sql, names))],
    })),
  };
}

const notInFile = '-- not in the file as it is now';

interface KnownStatement {
  /** In what was run, from 1. */
  readonly number: number;
  /** As people know it: where a way out ran a part of the file, the file's number. */
  readonly shown: string;
  readonly hash: string;
  /** In the file as it is now, where it has this statement. */
  readonly inFile?: number;
  readonly line?: number;
  readonly sql?: string;
}

/** A way out runs other statements than the file has, and the file may have been edited: hashes tell which is which. */
function statementsOf(asked: Asked): readonly KnownStatement[] {
  const { migration, unit, run } = asked;
  const file = migration?.statements ?? [];
  const now = statementHashes(file);
  const ran = unit?.statementHashes ?? now;
  const isWay = unit !== undefined && run?.summary.operation === 'recover';
  const places = isWay ? placesFromTheEnd(ran, now) : ran.map((hash, index) => placeOf(hash, index, now));
  return ran.map((hash, index) => {
    const at = places[index];
    const found = at === undefined ? undefined : file[at];
    const number = index + 1;
    const known = {
      number,
      hash,
      shown: isWay ? (at === undefined ? ofTheWay : String(at + 1)) : String(number),
    };
    return found && at !== undefined ? { ...known, inFile: at + 1, line: found.line, sql: found.sql } : known;
  });
}

/** A statement of the way out itself, which takes back what was left. */
const ofTheWay = 'of the way';

function placeOf(hash: string, index: number, file: readonly string[]): number | undefined {
  const at = file[index] === hash ? index : file.indexOf(hash);
  return at === -1 ? undefined : at;
}

/** A way out ends with the end of the file, where it runs any of it: a statement that is there twice is told by that. */
function placesFromTheEnd(ran: readonly string[], file: readonly string[]): readonly (number | undefined)[] {
  let before = file.length;
  return ran
    .toReversed()
    .map((hash) => {
      const at = file.slice(0, before).lastIndexOf(hash);
      if (at === -1) return undefined;
      before = at;
      return at;
    })
    .toReversed();
}

/** What may stand in double quotes as a name: every other word of the folder, and what its definitions quote. */
function namesIn(migrations: readonly Migration[]): ReadonlySet<string> {
  const known = namesOf.get(migrations);
  if (known) return known;
  const names = new Set<string>();
  for (const { sql } of migrations.flatMap(({ statements }) => statements)) {
    const isDefinition = /^(?:create|drop|alter)-/.test(classify(sql).kind);
    for (const token of tokens(sql)) {
      const isQuoted = token.kind === 'quoted-name' && (isDefinition || !token.text.startsWith('"'));
      if (token.kind === 'word' || isQuoted) names.add(foldName(nameOf(token)));
    }
  }
  namesOf.set(migrations, names);
  return names;
}

const namesOf = new WeakMap<readonly Migration[], ReadonlySet<string>>();

/** The number of the statement at which it stopped, where that is known. */
function stopOf(asked: Asked): number | undefined {
  const failed = failureOf(asked);
  return failed?.statement ?? statementEvents(asked).at(-1)?.number ?? caseOf(asked)?.after;
}

function failureOf({ tag, database, run }: Asked) {
  return (
    run?.events
      .filter((event) => event.kind === 'step-failed')
      // A dry-run's copy is thrown away: how far it came there is not how far it came.
      .filter((event) => event.step !== 'dry-run')
      .find((event) => event.tag === tag && event.database === database.name)
  );
}

function statementEvents({ tag, database, run }: Asked) {
  return (run?.events ?? [])
    .filter((event) => event.kind === 'statement')
    .filter((event) => event.step === 'migrate' && event.database === database.name && event.tag === tag);
}

function caseOf({ tag, database: { now } }: Asked): RecoveryCase | undefined {
  return now.kind === 'read' ? now.cases.find((one) => one.tag === tag) : undefined;
}

function around<Item>(items: readonly Item[], stop: number | undefined): readonly Item[] {
  const from = Math.max(0, Math.min((stop ?? 0) - most / 2, items.length - most));
  return items.slice(from, from + most);
}

const most = 40;

/** What it did in the run, and how long that took. */
function inRun(number: number, stop: number | undefined, asked: Asked): readonly [string, string] {
  const events = statementEvents(asked);
  const done = events.find((event) => event.number === number && event.phase === 'done');
  const outcome = asked.unit?.outcome;
  if (done) {
    const took = done.took === undefined ? '' : duration(done.took);
    return [outcome === 'undone' ? 'ran, undone' : 'ran', took];
  }
  if (failureOf(asked) && number === stop) return ['**failed**', ''];
  if (events.some((event) => event.number === number)) return ['begun', ''];
  if (events.length > 0 || outcome === undefined) return ['not begun', ''];
  // It was sent as a whole: nothing tells its statements apart.
  return [sentAs[outcome], ''];
}

const sentAs = {
  committed: 'ran',
  undone: 'undone',
  half: 'not known',
  unknown: 'not known',
  'none-recorded': 'not known',
} as const;

function inDatabase({ inFile }: KnownStatement, asked: Asked): string {
  const { now } = asked.database;
  if (now.kind === 'not-read') return 'not read';
  // What takes something back leaves nothing that could be there.
  if (inFile === undefined || asked.run?.summary.operation === 'rollback') return '';
  const found = caseOf(asked);
  const statement = found?.statements?.find((one) => one.number === inFile);
  if (statement) return words[statement.state];
  const state = found ? undefined : now.status.items.find((one) => one.tag === asked.tag)?.state;
  if (state === 'applied') return words.ran;
  return state === 'pending' || state === 'skipped' ? words['did-not-run'] : words['not-known'];
}

const words = { ran: 'there', 'did-not-run': 'not there', 'not-known': 'not known' } as const;

const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
const longest = 300;
