import type { LaterChanges } from '../../operations/diagnosis/later-changes.ts';
import type { Part, Parts } from '../../schema/parts.ts';
import { partIn, type Candidate, type KeptPart, type State } from './state.ts';

type Place = Pick<Part, 'key' | 'type' | 'table'>;

/**
 * The parts by which the states that a target may have come through are told apart: those that an open migration
 * changes, each until nothing later can change it any more.
 */
export class Watch {
  readonly #target: Parts;
  readonly #later: LaterChanges;
  readonly #watched = new Map<string, Place>();
  readonly #touchedBy = new Map<string, Set<string>>();
  readonly #differing = new Map<string, string[]>();
  readonly #ignored = new Set<string>();

  constructor(target: Parts, later: LaterChanges) {
    this.#target = target;
    this.#later = later;
  }

  get isIdle(): boolean {
    return this.#watched.size === 0;
  }

  /** Notes that a migration is about these parts. */
  add(tag: string, parts: Iterable<Part>): void {
    for (const { key, type, table } of parts) {
      if (!this.#ignored.has(key)) this.#watched.set(key, { key, type, table });
      this.noteTouch(key, tag);
    }
  }

  noteTouch(key: string, tag: string): void {
    const tags = this.#touchedBy.get(key) ?? new Set();
    this.#touchedBy.set(key, tags.add(tag));
  }

  /** The watched parts in which a candidate is not as the target, of those that nothing after it changes. */
  differsIn(candidate: Candidate, index: number, kept: KeptPart): readonly string[] {
    return [...this.#watched.values()].flatMap((place) => {
      const value = partIn(candidate, place.key, kept)?.value;
      if (!this.isFinal(place, value, index)) return [];
      return value === this.#target.get(place.key)?.value ? [] : [place.key];
    });
  }

  isFinal({ key, type, table }: Place, value: string | undefined, index: number): boolean {
    return this.#later.isFinal({ key, type, table, ...(value === undefined ? {} : { value }) }, index);
  }

  /** The target agrees with no way in this part: it tells nothing, and what changes it stays undecided. */
  giveUp(key: string): void {
    for (const tag of this.#touchedBy.get(key) ?? []) {
      this.#differing.set(tag, [...(this.#differing.get(tag) ?? []), key]);
    }
    this.#ignored.add(key);
    this.#watched.delete(key);
  }

  /** What nothing after the item with this index changes was judged for the last time. */
  forgetFinal(states: readonly State[], index: number, kept: KeptPart): void {
    for (const place of this.#watched.values()) {
      const isFinal = states.every((state) =>
        this.isFinal(place, partIn(state, place.key, kept)?.value, index),
      );
      if (isFinal) this.#watched.delete(place.key);
    }
  }

  /** The migrations that change the part or name it. */
  touching(key: string): ReadonlySet<string> {
    return this.#touchedBy.get(key) ?? new Set();
  }

  isOnlyOf(key: string, tag: string): boolean {
    const tags = this.#touchedBy.get(key);
    return tags?.size === 1 && tags.has(tag) && !this.#ignored.has(key);
  }

  /** The parts in which the target agrees with no point of a migration. */
  differingOf(tag: string): readonly string[] | undefined {
    return this.#differing.get(tag);
  }

  /** What shares a part with an undecided one was judged beside a guess. */
  blinded(): ReadonlySet<string> {
    const shared = [...this.#touchedBy.values()].filter((tags) =>
      [...tags].some((tag) => this.#differing.has(tag)),
    );
    return new Set(shared.flatMap((tags) => [...tags]));
  }
}
