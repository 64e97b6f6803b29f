import { commandLine } from '../../lib/command-line.ts';
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
  const flags = (['project', 'config'] as const).flatMap((name) => {
    const value = given.value(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  if (flags.length === 0) return { line: commandLine, in: (data) => data };
  const place = commandLine(flags).slice('migrate-tui'.length);
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
  'warnings',
  'refusal',
  'refusals',
  'otherRefusals',
  'notRead',
]);

function inSentences<T>(data: T, placed: (text: string) => string): T {
  const copied = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return sentences.has(key) ? placed(value) : value;
    if (Array.isArray(value)) return value.map((each) => copied(each, key));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each, name)]));
  };
  // The copy has the shape of what it was made from: only texts are other texts.
  return copied(data, '') as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
