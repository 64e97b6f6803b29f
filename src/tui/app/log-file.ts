import type { TraceEntry } from '../../operations/trace.ts';
import { asTraceEntry } from '../client/documents.ts';
import { parsedLine } from '../client/lines.ts';
import { Tail } from '../client/tail.ts';

/** The most entries kept in memory; the run's own log has all of them. */
const most = 5000;
const lookEvery = 150;

/** The command log as the children write it, read only while somebody looks at it. */
export class LogFile implements Disposable {
  readonly #tail: Tail;
  readonly #onEntries: (entries: readonly TraceEntry[]) => void;
  #entries: readonly TraceEntry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, onEntries: (entries: readonly TraceEntry[]) => void) {
    this.#tail = new Tail(path);
    this.#onEntries = onEntries;
  }

  follow(follow: 'on' | 'off'): void {
    clearInterval(this.#timer);
    if (follow === 'off') return;
    this.#look();
    this.#timer = setInterval(() => this.#look(), lookEvery);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#tail[Symbol.dispose]();
  }

  #look(): void {
    const found = this.#tail.poll().flatMap((line) => asTraceEntry(parsedLine(line)) ?? []);
    if (found.length === 0) return;
    // Children write side by side: their entries are put in order of time.
    const all = [...this.#entries, ...found].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    this.#entries = all.slice(-most);
    this.#onEntries(this.#entries);
  }
}
