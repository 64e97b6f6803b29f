import { foldName } from '../../../sql/cursor.ts';
import { isThereNow, known, type Failure, type Suspect } from '../failure.ts';
import { touchesOf, type Thing } from '../made-by.ts';
import { missing, tablesIn } from '../not-there.ts';
import { extensionOf } from './extension.ts';
import { quotedNames } from './said.ts';

/** What the statement needs and the database has not: a table, a column, a type, a function, an extension. */
export const notThere: Suspect = (failure) => {
  const { code, message } = failure;
  if (!codes.has(code)) return undefined;
  const thing = code === '42703' ? columnIn(failure) : objectIn(failure);
  const name = thing?.name ?? message;
  const isMade = thing !== undefined && touchesOf(failure, thing).length > 0;
  const extension = isMade ? undefined : extensionOf(name);
  if (extension !== undefined) return ofExtension(failure, name, extension);
  if (code === '42883') return isMade ? missing(failure, thing) : noFunction(failure);
  if (thing?.kind === 'object' && thing.type === 'role') return noRole(failure, thing.name);
  if (code === '3F000' && quotedNames(message).length === 0) return nowhere(failure);
  if (thing && code === '42P01' && isThere(failure, thing.name)) return outOfSight(failure, thing.name);
  return thing && missing(failure, thing);
};

/** The statement names no schema, and search_path none that is there for this role. */
function nowhere({ migration: { tag } }: Failure) {
  return known(
    'No schema of search_path is one that the role may use: what is created without a schema has no place to go',
    `Write the schema before the name in ${tag}, or let its owner run GRANT USAGE, CREATE ON SCHEMA public TO the role.`,
  );
}

/** Before the migration, and still when the statement came. */
function isThere(failure: Failure, name: string): boolean {
  return isThereNow(failure, name) && failure.sketch.tables.has(foldName(name));
}

function outOfSight({ migration: { tag } }: Failure, name: string) {
  const schema = name.includes('.') ? name.slice(0, name.indexOf('.')) : 'public';
  return known(
    `A table ${name} is there, but the statement does not see it: search_path leaves the schema ${schema} out, or the role has no USAGE on it`,
    `Write the schema before the name in ${tag}, or let its owner run GRANT USAGE ON SCHEMA ${schema} TO the role.`,
  );
}

/** undefined_table, undefined_column, undefined_object, invalid_schema_name, undefined_function. */
const codes = new Set(['42P01', '42703', '42704', '3F000', '42883']);

/** `column "x" of relation "t"`, `column "x"`, or `column t.x` without quotes. */
function columnIn({ message, sql = '' }: Failure): Thing | undefined {
  const [quotedName, table] = quotedNames(message);
  const bare = /(?:^|\s)[\w$]+\.([\w$]+)(?=\s|$)/u.exec(message)?.[1];
  const name = quotedName ?? bare;
  if (name === undefined) return undefined;
  const tables = tablesIn(sql);
  return { kind: 'column', name, tables: tables.length === 0 && table !== undefined ? [table] : tables };
}

function objectIn({ message, code }: Failure): Thing | undefined {
  const [quotedName, table] = quotedNames(message);
  // A function is named with the types of what it was given.
  const name = quotedName ?? /([\w$.]+)\s*\(/u.exec(message)?.[1];
  if (name === undefined) return undefined;
  const word = /^([a-z ]+?) "/.exec(message)?.[1];
  if (word === 'constraint' && table !== undefined) return { kind: 'constraint', name, tables: [table] };
  const type = word === 'relation' ? 'table' : (word ?? typesOf[code]);
  return { kind: 'object', name: shortened(name), ...(type === undefined ? {} : { type }) };
}

const typesOf: Readonly<Record<string, string>> = {
  '42P01': 'table',
  '3F000': 'schema',
  '42883': 'function',
};

const shortened = (name: string) => name.replace(/^public\./, '');

function ofExtension({ migration: { tag } }: Failure, name: string, extension: string) {
  const shown = /^\w+$/.test(extension) ? extension : `"${extension}"`;
  return known(
    `${name.length > 60 ? 'What it uses' : name} belongs to the extension ${extension}, which this database does not have`,
    `Put CREATE EXTENSION IF NOT EXISTS ${shown}; before it in ${tag}, or let whoever runs the server make the extension once.`,
  );
}

function noFunction({ migration: { tag } }: Failure) {
  return known(
    'There is no function or operator of that name for values of these types',
    `Correct the name, or cast the values (… ::type), in ${tag}; what an extension brings needs CREATE EXTENSION before it.`,
  );
}

function noRole({ migration: { tag }, environment }: Failure, role: string) {
  return known(
    `The server of ${environment} has no role ${role}: roles belong to a server and are in no database`,
    `Make it there once (CREATE ROLE), or take it out of ${tag}.`,
  );
}
