import { commandLine, placeFlags } from '../../lib/command-line.ts';
import type { Given } from '../arguments.ts';
import { commands } from '../commands.ts';

/**
 * Commands that are named to a person work where that person stands: they carry the `--project` and `--config` that
 * this one was given. What is recorded of a run stays without them, as it is read from elsewhere later.
 */
export interface Suggested {
  /** `migrate-tui` with these words, for a shell. */
  readonly line: (words: readonly string[]) => string;
  /** A report, an event or an error: its sentences only. What a database or a file says stays as it is. */
  readonly in: <T>(data: T) => T;
}

export function suggestedFrom(given: Pick<Given, 'value'>): Suggested {
  const place = placeFlags({ project: given.value('project'), config: given.value('config') });
  if (place === '') return { line: (words) => commandLine(words), in: (data) => data };
  const placed = (text: string) => withPlace(text, place);
  return { line: (words) => placed(commandLine(words)), in: (data) => inSentences(data, placed) };
}

/** Behind the word of the command; one that says where it is already stays as it is. */
function withPlace(text: string, place: string): string {
  const [before = '', ...suggestions] = text.split(/(?<![\w./-])(?=migrate-tui )/);
  const placed = [before, ...suggestions].map((part) =>
    saysWhere.test(part) ? part : part.replace(named, (line) => `${line}${place}`),
  );
  return placed.join('');
}

const ofNoProject: ReadonlySet<string> = new Set(['completion', 'demo']);
const names = commands.map(({ name }) => name).filter((name) => !ofNoProject.has(name));
const named = new RegExp(String.raw`^migrate-tui (?:${names.join('|')})(?![\w-])`);
const saysWhere = / --(?:project|config)[ =]/;

/** The keys under which reports and events say sentences; a value under another one is data. */
const sentences: ReadonlySet<string> = new Set([
  'says',
  'message',
  'next',
  'why',
  'fix',
  'resync',
  'lead',
  'remark',
  'evidence',
  'meaning',
  'notes',
  'notices',
  'warnings',
  'refusal',
  'refusals',
  'otherRefusals',
  'notRead',
]);

function inSentences<T>(data: T, placed: (text: string) => string): T {
  const copy = structuredClone(data);
  replace(copy, '', placed);
  return copy;
}

/** @param key under which the value stands; the entries of an array stand under its own */
function replace(value: unknown, key: string, placed: (text: string) => string): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [name, each] of Object.entries(value)) {
    const under = Array.isArray(value) ? key : name;
    if (typeof each !== 'string') replace(each, under, placed);
    else if (sentences.has(under)) Reflect.set(value, name, placed(each));
  }
}
