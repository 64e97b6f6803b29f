import { quantity } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import { meaningfulTokens } from '../../sql/tokens.ts';
import { statementHashes } from '../diagnosis/attempt.ts';
import { sameRecord, sameRecords } from '../history/correction.ts';
import type { HistoryItem } from '../history/history.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { isSquashedHere } from './squashed-here.ts';

/** What a file was when it ran, known by the hash that was recorded. */
export type WhatRan =
  /** Its text, from git. */
  | {
      readonly kind: 'commit';
      /** Short. */
      readonly commit: string;
      /** ISO 8601. */
      readonly at: string;
      readonly statements: readonly string[];
    }
  /** The hashes of its statements, which a run of ours kept. */
  | { readonly kind: 'run'; readonly run: number; readonly statementHashes: readonly string[] };

type Changed = Extract<HistoryItem, { kind: 'changed' }>;

/** A file that was edited after it ran. One case for each. */
export function changed(input: RecoveryInput): readonly RecoverableCase[] {
  if (isSquashedHere(input)) return [];
  return input.history.items.flatMap((item) => (item.kind === 'changed' ? [changedCase(input, item)] : []));
}

function changedCase(input: RecoveryInput, item: Changed): RecoverableCase {
  const { database, bookkeeping, entries } = input;
  const { migration, entry } = item;
  const { tag, hash } = migration;
  const difference = differenceOf(input, item);
  const option = accepting(input, item, difference);
  const statements = () => [
    ...sameRecords(bookkeeping, entries),
    sameRecord(bookkeeping, entry),
    { ...bookkeeping.change(entry, { hash }), role: 'record' as const },
  ];
  return {
    shown: {
      situation: 'changed',
      database,
      tag,
      verdict: 'its file was edited after it ran',
      evidence: [recordedAs(input, item), ...sayDifference(input, item, difference)],
      meaning: meaningOf(difference),
      options: [option],
    },
    ways: option.allowed ? new Map([[option.id, { kind: 'correct', statements }]]) : new Map(),
  };
}

/** How the file differs from what ran; `not-known`: the text that ran is not to be found. */
type Difference =
  | { readonly kind: 'not-known' }
  | { readonly kind: 'in-nothing-that-runs' }
  | { readonly kind: 'in-statements'; readonly says: string };

function differenceOf({ whatRan }: RecoveryInput, { migration }: Changed): Difference {
  const ran = whatRan?.get(migration.tag);
  if (!ran) return { kind: 'not-known' };
  const then = ran.kind === 'commit' ? ran.statements.map(meant) : ran.statementHashes;
  const now =
    ran.kind === 'commit'
      ? migration.statements.map(({ sql }) => meant(sql))
      : statementHashes(migration.statements);
  const others = now.flatMap((text, index) => (text === then[index] ? [] : [index + 1]));
  if (then.length === now.length && others.length === 0) return { kind: 'in-nothing-that-runs' };
  return { kind: 'in-statements', says: sayOthers(others, [then.length, now.length], ran.kind) };
}

/** A hash tells of a comment inside a statement, too: then the words are all that is known to differ. */
function sayOthers(
  others: readonly number[],
  [then, now]: readonly [then: number, now: number],
  known: WhatRan['kind'],
): string {
  if (then !== now) {
    return `It had ${quantity(then, 'statement')} then and has ${now} now; the first that differs is ${others[0] ?? now + 1}.`;
  }
  const which = others.length === 1 ? `Statement ${others[0]} is` : `Statements ${others.join(', ')} are`;
  return `${which} not ${known === 'commit' ? '' : 'word for word '}what ran.`;
}

/** A statement without its comments and white space. */
function meant(sql: string): string {
  return meaningfulTokens(sql)
    .map(({ text }) => text)
    .join('\n');
}

function recordedAs({ bookkeeping }: RecoveryInput, { entry, migration }: Changed): string {
  const now = migration.hash.slice(0, 8);
  return keepsHash({ entry })
    ? `${bookkeeping.table} has hash ${entry.hash.slice(0, 8)}, the file has ${now}.`
    : `${bookkeeping.table} keeps no hash; the record of runs here has another one for it than the file has now (${now}).`;
}

function sayDifference(
  { whatRan }: RecoveryInput,
  { migration }: Changed,
  difference: Difference,
): readonly string[] {
  const ran = whatRan?.get(migration.tag);
  if (!ran) return ['What it was when it ran is in no commit of its file.'];
  const where =
    ran.kind === 'commit'
      ? `What ran is the file of commit ${ran.commit} (${moment(ran.at, { year: 'with' })}).`
      : `What ran is in no commit of its file; run ${ran.run} kept the hashes of its statements.`;
  switch (difference.kind) {
    case 'in-statements':
      return [where, difference.says];
    case 'in-nothing-that-runs':
      return [where, 'Only comments or white space differ since.'];
    case 'not-known':
      return [where];
  }
}

function meaningOf({ kind }: Difference): readonly string[] {
  if (kind === 'in-nothing-that-runs') return ['A new database gets the same as this one.'];
  return [
    'What ran here stays as it ran: no tool runs the file again. A new database gets what the file says now, and may differ.',
    'Put the file back as it was, and make what is new a migration of its own.',
  ];
}

function accepting({ bookkeeping }: RecoveryInput, item: Changed, { kind }: Difference): RecoveryOption {
  if (!keepsHash(item)) {
    return {
      id: 'accept-file',
      recommended: false,
      allowed: false,
      why: `There is nothing to accept: ${bookkeeping.table} keeps no hash, so the tool that reads it does not see the difference.`,
    };
  }
  const isHarmless = kind === 'in-nothing-that-runs';
  return {
    id: 'accept-file',
    recommended: isHarmless,
    allowed: true,
    why: `Records the hash that the file has now; no migration is run. ${
      isHarmless
        ? 'Nothing that runs differs.'
        : 'Only when this database is known to be what the file would make: afterwards nothing tells that it was edited.'
    }`,
  };
}

function keepsHash({ entry }: Pick<Changed, 'entry'>): boolean {
  return entry.hash !== '';
}
