import { readFile } from 'node:fs/promises';
import { MigrateError } from '../lib/errors.ts';
import { parseJson, positionOf } from '../lib/json.ts';
import { safe } from '../lib/safe-text.ts';
import { dialectNames, type Dialect } from '../sql/statement.ts';
import { dialectNoted } from './folder-dialect.ts';
import { whyNot } from './listing.ts';
import type { FolderNote } from './migration.ts';
import { badTag } from './tag.ts';

/** Drizzle 0.x's `meta/_journal.json`. */
export interface Journal {
  /** Absolute path. */
  readonly file: string;
  /** In the order in which they run. */
  readonly entries: readonly JournalEntry[];
  readonly notes: readonly FolderNote[];
}

export interface JournalEntry {
  readonly tag: string;
  /** Milliseconds since 1970. */
  readonly when: number;
  readonly idx: number | undefined;
  /** Line of its tag in the journal, from 1. */
  readonly line: number;
}

/**
 * Reads and checks it. Throws `MigrateError` `migrations`, with the line, for what cannot be used.
 *
 * @param sqlFiles how many SQL files lie beside it: an empty journal is then one that was cut off
 * @param dialect what the files are run as; `sqlite` unless given
 */
export async function readJournal(
  file: string,
  { sqlFiles, dialect = 'sqlite' }: { readonly sqlFiles: number; readonly dialect?: Dialect },
): Promise<Journal> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refused(file, undefined, `cannot be read: ${whyNot(cause)}`, cause);
  });
  if (text.trim() === '' && sqlFiles === 0) {
    return { file, entries: [], notes: [{ file, message: 'is empty; drizzle-orm refuses it' }] };
  }
  const result = parseJson(text);
  if (result.kind === 'invalid') {
    refuseUnmerged(file, text);
    throw refused(file, result.line, `is not valid JSON: ${result.reason} in column ${result.column}`);
  }
  const entries = entriesOf(file, result.value, tagLines(text));
  return { file, entries, notes: notesOf(file, text, { journal: result.value, entries, dialect }) };
}

function entriesOf(file: string, journal: unknown, lines: readonly number[]): readonly JournalEntry[] {
  const list = fieldOf(journal, 'entries');
  if (!Array.isArray(list)) throw refused(file, undefined, 'has no list of entries');
  const entries = list.map((entry: unknown, index) => entryOf(file, entry, lines[index]));
  const seen = new Map<string, JournalEntry>();
  for (const entry of entries) {
    const earlier = seen.get(entry.tag);
    if (earlier) throw refused(file, entry.line, `names ${entry.tag} twice, first in line ${earlier.line}`);
    seen.set(entry.tag, entry);
  }
  return entries;
}

function entryOf(file: string, entry: unknown, line: number | undefined): JournalEntry {
  const tag = fieldOf(entry, 'tag');
  const when = fieldOf(entry, 'when');
  const idx = fieldOf(entry, 'idx');
  if (typeof tag !== 'string') throw refused(file, line, 'has an entry without a tag');
  const bad = badTag(tag);
  if (bad !== undefined) {
    throw refused(file, line, `has the tag "${safe(tag, { lines: 'one' })}", which names no migration: ${bad}`);
  }
  if (typeof when !== 'number' || !Number.isFinite(when)) {
    throw refused(file, line, `gives ${tag} no time: "when" must be a number of milliseconds`);
  }
  return { tag, when, idx: typeof idx === 'number' ? idx : undefined, line: line ?? 1 };
}

function notesOf(
  file: string,
  text: string,
  {
    journal,
    entries,
    dialect,
  }: {
    readonly journal: unknown;
    readonly entries: readonly JournalEntry[];
    readonly dialect: Dialect;
  },
): readonly FolderNote[] {
  // One that begins later had its beginning squashed.
  const first = entries[0]?.idx ?? 0;
  const gap = entries.findIndex(({ idx }, index) => idx !== undefined && idx !== first + index);
  const noted = fieldOf(journal, 'dialect');
  const remarks = [
    text.startsWith('\uFEFF') ? 'begins with a byte-order mark, which drizzle-orm refuses' : '',
    gap === -1 ? '' : `has a gap: entry ${gap + 1}, ${entries[gap]?.tag}, has idx ${entries[gap]?.idx}, not ${first + gap}`,
    typeof noted === 'string' && dialectNoted(noted) !== dialect
      ? `is for ${safe(noted, { lines: 'one' })}, not for ${dialectNames[dialect]}`
      : '',
  ];
  return remarks.filter((message) => message !== '').map((message) => ({ file, message }));
}

/** The lines of all "tag" keys: the nth belongs to the nth entry. */
function tagLines(text: string): readonly number[] {
  const lines: number[] = [];
  let line = 1;
  let counted = 0;
  for (const { index } of text.matchAll(/"tag"\s*:/g)) {
    line += positionOf(text.slice(counted, index), index - counted).line - 1;
    counted = index;
    lines.push(line);
  }
  return lines;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** Two branches that each made a migration meet here first: both entries are wanted, and what follows is known. */
function refuseUnmerged(file: string, text: string): void {
  const mark = text.split(/\r?\n/).findIndex((line) => line.startsWith('<<<<<<< '));
  if (mark === -1) return;
  throw refused(
    file,
    mark + 1,
    'holds a merge that is not finished',
    undefined,
    'Keep the entries of both branches, whole, and one version of each snapshot; migrate-tui check then says whether they go together, and migrate-tui check --repair puts one behind the other.',
  );
}

function refused(
  file: string,
  line: number | undefined,
  what: string,
  cause?: unknown,
  next = 'Correct the journal, or bring it back from version control.',
): MigrateError {
  const place = line === undefined ? '' : `:${line}`;
  return new MigrateError('migrations', `Journal ${safe(file, { lines: 'one' })}${place} ${what}`, {
    next,
    cause,
  });
}
