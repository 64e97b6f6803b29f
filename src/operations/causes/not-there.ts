import { nearest } from '../../lib/nearest.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { sourceTables } from '../../sql/sources.ts';
import { meaningfulTokens } from '../../sql/tokens.ts';
import { command, known, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { touchesOf, type Thing, type Touch } from './made-by.ts';

/** A table or column that the statement needs: which file makes or took it, or what it may have been meant to be. */
export const notThere: Suspect = (failure) => {
  const thing = missingIn(failure);
  return thing && missing(failure, thing);
};

/** Why a thing is not there, and what would have made it. */
export function missing(failure: Failure, thing: Thing): Suspicion {
  const touches = touchesOf(failure, thing);
  return (
    takenAway(failure, thing, touches) ??
    madeElsewhere(failure, thing, touches) ??
    known(...unknownName(failure, thing))
  );
}

function missingIn({ message, sql = '' }: Failure): Thing | undefined {
  const [, type, object] = /^no such (table|index|view|trigger): (?:main\.)?(.+)$/.exec(message) ?? [];
  if (type !== undefined) return { kind: 'object', name: plain(object ?? ''), type };
  const [, table, named] = /^table (.+) has no column named (.+)$/.exec(message) ?? [];
  if (table !== undefined) return { kind: 'column', name: plain(named ?? ''), tables: [plain(table)] };
  const column = /^no such column: (.+)$/.exec(message)?.[1];
  if (column === undefined) return undefined;
  const name = plain(column).split('.').at(-1) ?? '';
  return { kind: 'column', name: plain(name), tables: tablesIn(sql) };
}

/** SQLite quotes some of the names, and says in newer versions that a quoted one may have been meant as a text. */
const plain = (name: string) => name.replace(/ - should this be .*$/s, '').replace(/^(["`])(.*)\1$/, '$2');

/** The tables that a statement writes to or reads. */
export function tablesIn(sql: string): readonly string[] {
  const kind = classify(sql);
  const own = 'table' in kind ? [kind.table] : [];
  return [...new Set([...own, ...sourceTables(meaningfulTokens(sql))])];
}

function takenAway(failure: Failure, { name }: Thing, touches: readonly Touch[]): Suspicion | undefined {
  const last = touches.findLast(isBefore(failure));
  if (last?.does !== 'removes') return undefined;
  const { tag } = last.migration;
  const who =
    last.when === 'same-file' ? `Statement ${last.number} of the same file` : `${tag}, which ran before it,`;
  return known(
    `${who} takes ${name} away`,
    `Move the statement before that one, or take it out of ${failure.migration.tag}: migrate-tui migration ${tag} shows ${last.when === 'same-file' ? 'both' : 'that one'}.`,
  );
}

/** What happened to it before the statement that failed. */
function isBefore({ number }: Failure) {
  return (touch: Touch): boolean => {
    if (touch.when === 'same-file') return number !== undefined && touch.number < number;
    return touch.when === 'ran-before' || touch.when === 'applied';
  };
}

function madeElsewhere(failure: Failure, { name }: Thing, touches: readonly Touch[]): Suspicion | undefined {
  const maker = touches.findLast(({ does }) => does === 'makes');
  if (!maker) return undefined;
  const { tag } = maker.migration;
  const own = failure.migration.tag;
  switch (maker.when) {
    case 'same-file':
      return known(
        `Statement ${maker.number} of the same file makes ${name}, and comes later`,
        `Change their order in ${failure.migration.tag}.`,
      );
    case 'pending':
      return known(
        `${tag}, which has not run, makes ${name}`,
        `Deploy ${tag} first, or move the statement into a file that comes after it: the order of the files is the order in which they run.`,
      );
    case 'skipped':
      return known(
        `${tag} makes ${name} and never ran: its time in the journal is not after that of the newest record, so the original tool passes over it in silence`,
        `${command(failure, 'deploy', `--only ${tag} --out-of-order`)} runs it first.`,
      );
    case 'ran-before':
    case 'applied':
      return known(
        `${tag} makes ${name} and is recorded as applied: it was taken away since without a migration, or ${own} runs on another database than the one that ${tag} ran on`,
        `${command(failure, 'verify')} shows what else differs; ${command(failure, 'recover')} names the ways to put it right.`,
      );
    default:
      return unreachable(maker.when);
  }
}

function unknownName(failure: Failure, thing: Thing): [why: string, next: string] {
  const near = nearest(foldName(thing.name), namesLike(failure, thing));
  const what = thing.kind === 'object' ? (thing.type ?? 'object') : thing.kind;
  const meant = near === undefined ? '' : `, and one of the name ${near} is there`;
  return [
    `No file of the folder makes ${/^[io]/.test(what) ? 'an' : 'a'} ${what} of the name ${thing.name}${meant}`,
    near === undefined
      ? `Correct the name in ${failure.migration.tag}, or add what makes ${thing.name} before it.`
      : `If ${near} is meant, correct ${failure.migration.tag}; otherwise add what makes ${thing.name} before it.`,
  ];
}

/** In lower case. */
function namesLike({ schema, sketch }: Failure, thing: Thing): readonly string[] {
  return thing.kind === 'column'
    ? thing.tables.flatMap((table) => [...(sketch.tables.get(foldName(table))?.columns ?? [])])
    : [...schema.objects.map(({ name }) => foldName(name)), ...sketch.tables.keys()];
}
