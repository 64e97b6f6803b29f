import { classify, partsOf } from '../classify.ts';
import { foldName, isWord } from '../cursor.ts';
import { partsToRun } from './stepwise.ts';
import { meaningfulTokens, nameOf, type Token } from '../tokens.ts';

/** What a statement sets for those behind it, and the next part of its migration does not meet. */
export interface LostBetweenParts {
  /** The statement that sets it, from 1. */
  readonly statement: number;
  /** `search_path`, `temporary table t` */
  readonly what: string;
  /** The first statement of the next part, from 1. */
  readonly before: number;
}

/**
 * The first setting that changes what statements mean, or temporary table, that one part of a migration would leave to
 * the next: each part begins as new, and one that runs after a failure begins on another connection. With another
 * `search_path` the same DELETE is of another table.
 */
export function lostBetweenParts(
  statements: readonly { readonly sql: string }[],
): LostBetweenParts | undefined {
  const parts = partsToRun(statements);
  for (const { first, last } of parts.slice(0, -1)) {
    const left = new Map<string, number>();
    for (let number = first; number <= last; number += 1)
      follow(statements[number - 1]?.sql ?? '', number, left);
    const [lost] = left;
    if (lost) return { what: lost[0], statement: lost[1], before: last + 1 };
  }
  return undefined;
}

function follow(sql: string, number: number, left: Map<string, number>): void {
  for (const kind of partsOf(classify(sql))) {
    if (kind.kind === 'create-function') continue;
    if (kind.kind === 'create-table' && kind.temporary) left.set(temporary(kind.table), number);
    else if (kind.kind === 'drop-table') left.delete(temporary(kind.table));
    else if (kind.kind === 'do') for (const one of statementsInBlock(sql)) follow(one, number, left);
    else if (kind.kind !== 'set') for (const name of setByFunction(sql)) set(name, number, left);
    else if (!isBack(sql)) set(kind.name, number, left);
    else if (foldName(kind.name) === 'all') left.clear();
    else left.delete(foldName(kind.name));
  }
}

const temporary = (table: string) => `temporary table ${foldName(table)}`;

function set(name: string, number: number, left: Map<string, number>): void {
  if (!changesNoMeaning.test(name)) left.set(foldName(name), number);
}

/** They bound or report what runs, or hold for one transaction by their nature. Means the same in PostgreSQL. */
export const changesNoMeaning =
  /_timeout$|_mem$|^(?:client_min_messages|synchronous_commit|application_name|transaction|constraints|characteristics)$|^(?:max_parallel|log|track|enable|jit|transaction)_|_check_interval$/i;

function isBack(sql: string): boolean {
  const words = meaningfulTokens(sql).filter(({ text }) => text !== ';');
  return isWord(words[0], 'RESET') || isWord(words.at(-1), 'DEFAULT');
}

/** Those of its body, as if each were reached; of what EXECUTE runs the text that it begins with. */
function statementsInBlock(sql: string): readonly string[] {
  const body = meaningfulTokens(sql).find(({ kind, text }) => kind === 'string' || text.startsWith('$'));
  const pieces: Token[][] = [[]];
  for (const token of body ? meaningfulTokens(nameOf(body)) : []) {
    if (token.text === ';' || opensBranch.test(token.text)) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces.map((piece) => {
    const texts = isWord(piece[0], 'EXECUTE') ? piece.find(({ kind }) => kind === 'string') : undefined;
    return texts ? nameOf(texts) : piece.map(({ text }) => text).join(' ');
  });
}

const opensBranch = /^(?:begin|then|else|loop|do)$/i;

/** `set_config('search_path', …)` */
function setByFunction(sql: string): readonly string[] {
  return Array.from(sql.matchAll(/\bset_config\s*\(\s*[eE]?'([^']+)'/gi), ([, name = '']) => name);
}
