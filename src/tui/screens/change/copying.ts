import type { Account, AccountOfTable } from '../../../operations/consent/account.ts';

/** What was changed on the page of what a copy takes: it goes before the configuration, for this once. */
export interface Copying {
  /** Tables whose rows stay behind. */
  readonly exclude: readonly string[];
  /** By `TABLE.COLUMN`, with the rule that it had before. */
  readonly rules: ReadonlyMap<string, { readonly rule: 'hash' | 'null'; readonly before: Rule }>;
  /** Columns without a rule that a person answers for: they are copied as they are. */
  readonly asIs: readonly string[];
  /** `TABLE.COLUMN=RULE` that does not fit its column. */
  readonly misfits: readonly string[];
}

export const asConfigured: Copying = { exclude: [], rules: new Map(), asIs: [], misfits: [] };

type Rule = AccountOfTable['columns'][number]['rule'];

/** Where the cursor is: on a table, or on one of its columns. */
export interface Place {
  readonly table: number;
  readonly column: number | undefined;
}

/** The words that say so, for the command line. */
export function copyingWords({ exclude, rules }: Copying): readonly string[] {
  return [
    ...(exclude.length === 0 ? [] : ['--exclude', exclude.join(',')]),
    ...[...rules].flatMap(([column, { rule }]) => ['--mask', `${column}=${rule}`]),
  ];
}

/** What has to be answered for, as nobody decided about it yet. */
export function undecided({ consent }: Pick<Account, 'consent'>, { asIs }: Copying): readonly string[] {
  return consent.accept.flatMap(({ flag, value }) =>
    flag === '--accept-unmasked' && !asIs.includes(value) ? [value] : [],
  );
}

/** The next choice on a row: a table comes with its rows or without, a column under one rule after the other. */
export function withNextChoice(
  copying: Copying,
  { tables = [] }: Account,
  { table: at, column: which }: Place,
): Copying {
  const table = tables[at];
  if (!table) return copying;
  if (which === undefined) return withOrWithoutRows(copying, table.table);
  const column = table.columns[which];
  return column ? withNextRule(copying, `${table.table}.${column.column}`, column.rule) : copying;
}

function withOrWithoutRows(copying: Copying, table: string): Copying {
  const { exclude } = copying;
  const without = exclude.includes(table) ? exclude.filter((one) => one !== table) : [...exclude, table];
  return { ...copying, exclude: without };
}

function withNextRule(copying: Copying, column: string, now: Rule): Copying {
  const given = copying.rules.get(column);
  const before = given?.before ?? now;
  const isAsIs = copying.asIs.includes(column);
  const choices = choicesFor(before).filter((rule) => !copying.misfits.includes(`${column}=${rule}`));
  const present = isAsIs ? 'as-is' : (given?.rule ?? 'before');
  const next = choices[(choices.indexOf(present) + 1) % choices.length];
  const rules = new Map(copying.rules);
  rules.delete(column);
  if (next === 'hash' || next === 'null') rules.set(column, { rule: next, before });
  const others = copying.asIs.filter((one) => one !== column);
  return { ...copying, rules, asIs: next === 'as-is' ? [...others, column] : others };
}

/** Only what has no rule is answered for as it is: a rule of the configuration was somebody's decision. */
function choicesFor(before: Rule): readonly ('before' | 'hash' | 'null' | 'as-is')[] {
  const rules = (['hash', 'null'] as const).filter((rule) => rule !== before);
  return before === 'none' ? ['before', ...rules, 'as-is'] : ['before', ...rules];
}

/** A choice that was refused is taken back, and its rule not offered again. */
export function withoutRefused(copying: Copying, accepted: Copying): Copying {
  const refused = [...copying.rules].flatMap(([column, { rule }]) =>
    accepted.rules.get(column)?.rule === rule ? [] : [`${column}=${rule}`],
  );
  return { ...accepted, misfits: [...accepted.misfits, ...refused] };
}

/** One row down or up, through the columns of the table that the cursor is on. */
export function movedPlace({ table, column }: Place, tables: readonly AccountOfTable[], by: 1 | -1): Place {
  const here = tables[table]?.columns.length ?? 0;
  if (by === 1) {
    const next = column === undefined ? 0 : column + 1;
    if (next < here) return { table, column: next };
    return table + 1 < tables.length ? { table: table + 1, column: undefined } : { table, column };
  }
  if (column !== undefined) return { table, column: column === 0 ? undefined : column - 1 };
  if (table === 0) return { table, column };
  const above = tables[table - 1]?.columns.length ?? 0;
  // Only the table under the cursor shows its columns: from below its last one comes first.
  return { table: table - 1, column: above === 0 ? undefined : above - 1 };
}
