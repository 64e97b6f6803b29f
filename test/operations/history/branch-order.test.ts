import { expect, test } from 'vitest';
import { branchOrder } from '../../../src/operations/history/branch-order.ts';

const first = entry('first', 'none');
const theirs = [entry('author', 'first'), entry('year', 'author')];
const ours = [entry('body', 'first'), entry('tags', 'body')];
const pair = (earlier: string, tag: string) => ({ earlier, tag });

test('of two that contradict each other the later one goes after all others, with what was made after it', () => {
  expect(order([first, ...theirs, ...ours], [pair('author', 'body')], [])).toEqual({
    kind: 'moves',
    kept: ['first', 'author', 'year'],
    moved: ['body', 'tags'],
  });
});

test('entries of two branches that stand between one another are told apart by their snapshots', () => {
  const [author, year, body, tags] = [theirs[0], theirs[1], ours[0], ours[1]];
  const mixed = [first, author, body, year, tags].filter((one) => one !== undefined);
  expect(order(mixed, [pair('author', 'body'), pair('year', 'tags')], [])).toMatchObject({
    kept: ['first', 'author', 'year'],
    moved: ['body', 'tags'],
  });
});

test('the earlier one is moved where the later one has run somewhere', () => {
  expect(
    order([first, ...ours, ...theirs], [pair('body', 'author')], ['first', 'author', 'year']),
  ).toMatchObject({
    kept: ['first', 'author', 'year'],
    moved: ['body', 'tags'],
  });
});

test('what has run stays, also where it was made after one that is moved', () => {
  expect(order([first, ...theirs, ...ours], [pair('author', 'body')], ['tags'])).toMatchObject({
    moved: ['body'],
  });
});

test('two that have both run stay as they are', () => {
  expect(order([first, ...theirs, ...ours], [pair('author', 'body')], ['author', 'body'])).toEqual({
    kind: 'stuck',
    earlier: 'author',
    tag: 'body',
  });
});

test('one of which nothing tells what it goes on from is moved with the one before it', () => {
  const unknown = { tag: 'tags', snapshot: undefined };
  const body = { tag: 'body', snapshot: undefined };
  expect(order([first, ...theirs, body, unknown], [pair('author', 'body')], [])).toMatchObject({
    moved: ['body', 'tags'],
  });
});

function order(
  entries: Parameters<typeof branchOrder>[0],
  conflicts: Parameters<typeof branchOrder>[1],
  ran: readonly string[],
) {
  return branchOrder(entries, conflicts, (tag) => !ran.includes(tag));
}

function entry(tag: string, prevId: string) {
  return { tag, snapshot: { id: tag, prevId } };
}
