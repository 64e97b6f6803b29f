import { count, quantity } from '../../lib/numbers.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { command, known, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { touchesOf, type Thing, type Touch } from './made-by.ts';

/** A name that is taken: by the same file, by another file, or by something that no record tells of. */
export const alreadyThere: Suspect = (failure) => {
  const thing = takenIn(failure);
  return thing && taken(failure, thing);
};

/** Why the name of a thing is taken, and by what. */
export function taken(failure: Failure, thing: Thing): Suspicion {
  const makers = touchesOf(failure, thing).filter(({ does }) => does === 'makes');
  return (
    twiceInTheFile(failure, thing, makers) ??
    byAnotherFile(failure, makers) ??
    withoutAnyFile(failure) ??
    withoutAnyRecord(failure) ??
    withoutItsRecord(failure, thing)
  );
}

function takenIn({ message, sql = '' }: Failure): Thing | undefined {
  const column = /^duplicate column name: (.+)$/.exec(message)?.[1];
  const kind = classify(sql);
  if (column !== undefined && (kind.kind === 'alter-table' || kind.kind === 'create-table')) {
    return { kind: 'column', name: column, tables: [kind.table] };
  }
  const found =
    /^(?:table|index|view|trigger) (.+) already exists$/.exec(message) ??
    /^there is already (?:an index|a table) named (.+)$/.exec(message) ??
    /^there is already another table or index with this name: (.+)$/.exec(message);
  return found ? { kind: 'object', name: plain(found[1] ?? '') } : undefined;
}

/** Some messages quote the name. */
const plain = (name: string) => name.replace(/^(["`])(.*)\1$/, '$2');

function twiceInTheFile(failure: Failure, thing: Thing, makers: readonly Touch[]): Suspicion | undefined {
  const { number, migration } = failure;
  const first = makers.find(({ when, number: at }) => when === 'same-file' && at < (number ?? 0));
  const own =
    first?.number ??
    (classify(failure.sql ?? '').kind === 'create-table' && thing.kind === 'column' ? number : undefined);
  if (own === undefined) return undefined;
  const why =
    own === number
      ? `The statement names the column ${thing.name} twice`
      : `Statement ${own} of the same file makes ${thing.name} already`;
  return known(
    why,
    `Take one of the two out of ${failure.migration.tag}; migrate-tui migration ${migration.tag} shows both.`,
  );
}

function byAnotherFile(failure: Failure, makers: readonly Touch[]): Suspicion | undefined {
  const { migration } = failure;
  const other = makers.findLast(({ when }) => when === 'ran-before' || when === 'applied');
  if (!other) return undefined;
  const { tag } = other.migration;
  const stands = other.when === 'applied' ? 'which is recorded as applied' : 'which runs before it';
  return known(
    `${tag}, ${stands}, makes it in its statement ${other.number}`,
    `Change ${migration.tag} to begin where ${tag} ends: migrate-tui migration ${tag} shows what that one did.`,
  );
}

/** A folder that was generated anew over a database that is in use: every record is of a file that is gone. */
function withoutAnyFile(failure: Failure): Suspicion | undefined {
  const orphans = failure.history.filter(({ kind }) => kind === 'orphan').length;
  const isMatched = failure.history.some(({ kind }) => kind === 'applied' || kind === 'changed');
  if (orphans === 0 || isMatched) return undefined;
  return known(
    `${failure.environment} has ${quantity(orphans, 'record')}, and no file of this folder belongs to ${orphans === 1 ? 'it' : 'any of them'}: the folder was made anew over a database that is in use`,
    `${command(failure, 'recover')} compares the schema with the files, and names the ways to put the records right.`,
  );
}

function withoutAnyRecord(failure: Failure): Suspicion | undefined {
  const { environment, history, schema } = failure;
  const tables = schema.objects.filter(({ type }) => type === 'table').length;
  if (tables === 0 || history.some(({ kind }) => kind === 'applied' || kind === 'changed')) return undefined;
  return known(
    `${environment} has ${quantity(tables, 'table')} and no record of any migration: drizzle-kit push, a person or a dump made ${tables === 1 ? 'it' : 'them'}`,
    `${command(failure, 'baseline')} names the place of the history that its schema is, and with --at TAG writes the records up to there.`,
  );
}

function withoutItsRecord(failure: Failure, thing: Thing): Suspicion {
  const { migration } = failure;
  const made = thingsMade(failure);
  const there = made.filter((one) => isThere(failure, one));
  const look = command(failure, 'recover');
  if (made.length > 1 && there.length === made.length) {
    return known(
      `All ${count(made.length)} things that ${migration.tag} makes are there, without its record: it ran and was not recorded, or drizzle-kit push or a person made them`,
      `${look} compares them with the file; where they are the same, ${command(failure, 'recover', '--choose record')} writes the record.`,
    );
  }
  if (there.length > 1) {
    return known(
      `${count(there.length)} of the ${count(made.length)} things that ${migration.tag} makes are there, without its record: it was begun elsewhere and did not finish, or a person made them`,
      `${look} says how far it came, and names the ways out.`,
    );
  }
  return known(
    `No migration that is applied makes ${thing.name}: drizzle-kit push or a person made it`,
    `${command(failure, 'drift')} shows how it is there. Drop it when nothing needs it, or let ${failure.migration.tag} go on from it as it is.`,
  );
}

/** What is left of the migration once it has run. */
function thingsMade({ migration }: Failure): readonly Thing[] {
  const made: Thing[] = [];
  for (const { sql } of migration.statements) {
    const kind = classify(sql);
    if (kind.kind === 'create-table') made.push({ kind: 'object', name: kind.table });
    if (kind.kind === 'create-index') made.push({ kind: 'object', name: kind.index });
    if (kind.kind === 'create-view') made.push({ kind: 'object', name: kind.view });
    if (kind.kind === 'create-trigger') made.push({ kind: 'object', name: kind.trigger });
    if (kind.kind === 'create-type') made.push({ kind: 'object', name: kind.type });
    if (kind.kind === 'create-sequence') made.push({ kind: 'object', name: kind.sequence });
    if (kind.kind !== 'alter-table') continue;
    const { action } = kind;
    if (action.kind === 'add-column')
      made.push({ kind: 'column', name: action.column, tables: [kind.table] });
    if (action.kind !== 'rename-table') continue;
    const at = made.findIndex((one) => sameName(one.name, kind.table));
    if (at !== -1) made[at] = { kind: 'object', name: action.to };
  }
  return made;
}

function isThere({ schema, sketch }: Failure, thing: Thing): boolean {
  if (thing.kind !== 'column') return schema.objects.some(({ name }) => sameName(name, thing.name));
  return thing.tables.some((table) => sketch.tables.get(foldName(table))?.columns?.has(foldName(thing.name)));
}
