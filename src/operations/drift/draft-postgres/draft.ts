import type { Schema } from '../../../schema/schema.ts';
import { commentLine } from '../../../sql/comment-line.ts';
import { leftAlone } from './left-alone.ts';
import { movesOf, type Move } from './moves.ts';
import { orderOf } from './order.ts';
import { placingOf } from './placing.ts';
import { renameNotes } from './renames.ts';
import { sidesOf } from './sides.ts';
import { statesOf, type States } from './states.ts';
import { notesOf } from './notes.ts';

/**
 * A migration that would bring a PostgreSQL database with the schema `from` to the schema `to`, for a person to review.
 * Tables that are in both are altered in place and keep their rows; what may stop on rows, or lose what they hold, is
 * said above the statement. What nothing brings there is a comment alone.
 *
 * @returns statements in an order that runs in one transaction, empty when nothing differs
 */
export function draftPostgres(from: Schema, to: Schema): readonly string[] {
  const alone = leftAlone(from, to);
  const sides = sidesOf(from, alone.to);
  const states = statesOf(sides);
  const drafting = { sides, states, placing: placingOf(sides, states) };
  const moves = [...states.keys()].flatMap((key) => movesOf(key, drafting));
  const ordered = inOrder(moves, orderOf(drafting));
  const renames = renameNotes(sides);
  const statements = ordered.flatMap((move) => {
    const renamed = renames.get(move.id);
    return said(move, [...notesOf(move, drafting), ...(renamed === undefined ? [] : [renamed])]);
  });
  return [...unread(statements), ...leftOver([...alone.why, ...whyLeft(states)]), ...statements];
}

/** A function's body may name what is made after it, as of two that call one another. */
function unread(statements: readonly string[]): readonly string[] {
  const hasBody = statements.some((sql) =>
    /^CREATE OR REPLACE (?:FUNCTION|PROCEDURE)\b[^]*?^ LANGUAGE sql\b[^]*?^AS \$/m.test(sql),
  );
  return hasBody ? ['SET LOCAL check_function_bodies = off;'] : [];
}

function whyLeft(states: States): readonly string[] {
  return [...states.values()].flatMap((state) => (state.kind === 'left' ? [state.why] : []));
}

function leftOver(all: readonly string[]): readonly string[] {
  return all.map((why) => commentLine(`not drafted: ${why}.`));
}

function said({ statements, notes }: Move, more: readonly string[]): readonly string[] {
  const above = [...notes, ...more].map((note) => `${commentLine(note)}\n`);
  return statements.map((sql, at) => `${at === 0 ? above.join('') : ''}${sql};`);
}

/** By rank, and each after what has to come before it. */
function inOrder(moves: readonly Move[], pairs: readonly (readonly [string, string])[]): readonly Move[] {
  const known = new Set(moves.map(({ id }) => id));
  const before = Map.groupBy(
    pairs.filter(([first, second]) => known.has(first) && known.has(second) && first !== second),
    ([, second]) => second,
  );
  const ordered: Move[] = [];
  const done = new Set<string>();
  const open = moves.toSorted((one, other) => one.rank - other.rank);
  const isFree = ({ id }: Move) => (before.get(id) ?? []).every(([first]) => done.has(first));
  while (open.length > 0) {
    // Where some need one another, the first of them goes first: that may be refused, and a person sees it.
    const at = Math.max(0, open.findIndex(isFree));
    const [move] = open.splice(at, 1);
    if (!move) break;
    done.add(move.id);
    ordered.push(move);
  }
  return ordered;
}
