import type { Replayed } from '../../operations/diagnosis/diagnosis.ts';
import { keysNamed } from '../../operations/diagnosis/later-changes.ts';
import type { Part } from '../../schema/parts.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Found } from './search.ts';

type States = Extract<Found, { kind: 'states' }>;

/**
 * What open migrations may have done to one another when they ran in another order than the folder's, in which the
 * search takes them.
 */
export class Crossings {
  readonly #found: States;
  readonly #reached = new Map<string, number>();
  #tables: TableCrossings | undefined;

  constructor(found: States) {
    this.#found = found;
  }

  /**
   * Where two migrations may have run the other way round and one drops a table that the other changes, what is
   * missing there tells nothing.
   *
   * @returns points at which the target may be, told from everything else
   */
  inOtherOrder(tag: string): readonly number[] {
    const { droppers, changers } = (this.#tables ??= this.#crossTables());
    const isOther = (one: string) => one !== tag;
    const isDropped = (table: string) => droppers.get(table)?.some(isOther) === true;
    const isShared = this.doubtful(tag).size > 0;
    const isLost = this.#partsOf(tag).some(({ table }) => isDropped(table));
    const drops = droppedBy(this.#statementsOf(tag));
    if (!isShared && !isLost && ![...drops].some((table) => changers.get(table)?.some(isOther))) return [];
    return this.#fitting(tag, ({ key, table }) => !isDropped(table) && this.#isOnlyOf(key, tag));
  }

  /** The statements that make or drop what another one may have made or dropped before. */
  doubtful(tag: string): ReadonlySet<number> {
    const isCrossed = (key: string) =>
      [...this.#found.watch.touching(key)].some((other) => other !== tag && this.#mayHaveTouched(other, key));
    return new Set(
      this.#statementsOf(tag).flatMap(({ sql }, at) => (keysNamed(sql).some(isCrossed) ? [at + 1] : [])),
    );
  }

  #crossTables(): TableCrossings {
    const droppers = new Map<string, string[]>();
    const changers = new Map<string, string[]>();
    for (const tag of this.#found.replays.keys()) {
      for (const table of this.#mayHaveDropped(tag))
        droppers.set(table, [...(droppers.get(table) ?? []), tag]);
      for (const table of new Set(this.#partsOf(tag).map((part) => part.table)))
        changers.set(table, [...(changers.get(table) ?? []), tag]);
    }
    return { droppers, changers };
  }

  #mayHaveDropped(tag: string): ReadonlySet<string> {
    const statements = this.#statementsOf(tag);
    if (droppedBy(statements).size === 0) return new Set();
    return droppedBy(statements.slice(0, this.#reach(tag)));
  }

  #mayHaveTouched(tag: string, key: string): boolean {
    const first = this.#statementsOf(tag).findIndex(
      (statement) => keysNamed(statement.sql).includes(key) || droppedBy([statement]).size > 0,
    );
    return this.#reach(tag) > Math.max(0, first);
  }

  /** The last point that the target may have reached, told from what no other migration changes. */
  #reach(tag: string): number {
    const known = this.#reached.get(tag);
    if (known !== undefined) return known;
    const beyond = (this.#found.replays.get(tag) ?? []).flatMap((replay) => replay.beyond);
    const fitting = this.#fitting(tag, ({ key }) => this.#isOnlyOf(key, tag));
    const reach = Math.max(0, ...beyond, ...fitting);
    this.#reached.set(tag, reach);
    return reach;
  }

  /** The points that agree with the target in the parts that are asked for, as far as nothing later changes them. */
  #fitting(tag: string, asked: (part: Part) => boolean): readonly number[] {
    const { watch, target, replays } = this.#found;
    return (replays.get(tag) ?? []).flatMap(({ index, replayed: { points } }) => {
      const all = new Map(points.flatMap((parts) => [...parts]));
      const keys = [...all.values()].filter(
        (part) =>
          asked(part) && points.every((parts) => watch.isFinal(part, parts.get(part.key)?.value, index)),
      );
      return [...points.keys()].filter((at) =>
        keys.every(({ key }) => points[at]?.get(key)?.value === target.get(key)?.value),
      );
    });
  }

  #isOnlyOf(key: string, tag: string): boolean {
    return this.#found.watch.isOnlyOf(key, tag);
  }

  #partsOf(tag: string): readonly Part[] {
    return (this.#found.replays.get(tag) ?? []).flatMap(({ replayed }) =>
      replayed.points.flatMap((parts) => [...parts.values()]),
    );
  }

  #statementsOf(tag: string): Replayed['statements'] {
    return this.#found.replays.get(tag)?.[0]?.replayed.statements ?? [];
  }
}

/** Which open migrations may have dropped a table, and which change anything on it; tags by table. */
interface TableCrossings {
  readonly droppers: ReadonlyMap<string, readonly string[]>;
  readonly changers: ReadonlyMap<string, readonly string[]>;
}

/** The tables that statements drop or give another name, in lower case. */
function droppedBy(statements: Replayed['statements']): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ sql }) => {
      const kind = classify(sql);
      if (kind.kind === 'drop-table') return [foldName(kind.table)];
      return kind.kind === 'alter-table' && kind.action.kind === 'rename-table'
        ? [foldName(kind.table), foldName(kind.action.to)]
        : [];
    }),
  );
}
