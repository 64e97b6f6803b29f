import { commandLine } from '../../../lib/command-line.ts';
import type { DriftObject, DriftReport } from '../../../operations/reports.ts';
import type { Context } from '../../screen.ts';
import type { DriftState } from './state.ts';
import { nameOf, otherWords, sideTitles } from './words.ts';

/** An object with both its texts as one, for the clipboard. */
export function objectWords(state: DriftState, object: DriftObject): string {
  const { left, right } = sideTitles(state);
  const { cause, lines, left: a = '', right: b = '' } = object;
  return [
    `${nameOf(object)}: - ${left}, + ${right}`,
    ...(cause === undefined ? [] : [`likely cause: ${cause}`]),
    ...(lines ?? [a, b]),
  ].join('\n');
}

/** The file for a draft: `drift-local-staging.sql`. */
export function draftName({ environment, than, database }: DriftState): string {
  const other = than.kind === 'migrations' ? '' : `-${than.kind === 'file' ? than.file : than.name}`;
  const name = `drift-${environment}${other}${database === undefined ? '' : `-${database}`}`;
  // A name is a file's, whatever else it may hold.
  return `${name.replaceAll(/[^\w.-]/g, '_')}.sql`;
}

/** How a draft is called as a migration: `production_like_local`. */
export function migrationName({ environment, than }: DriftState): string {
  const other = than.kind === 'environment' ? than.name : 'migrations';
  return `${environment}_like_${other}`.replaceAll(/\W/g, '_');
}

/** A draft as a file of SQL; undefined where there is nothing to change. */
export function draftText(
  state: DriftState,
  { draft = [] }: DriftReport,
  { place }: Pick<Context, 'place'>,
): string | undefined {
  const statements = draft.flatMap((one) => one.statements);
  if (statements.length === 0) return undefined;
  const { environment, than } = state;
  return [
    `-- A draft that would bring ${oneLine(environment)} to ${oneLine(otherWords(than))}: read it, and rehearse it, before it runs anywhere.`,
    `-- ${commandLine(['new', 'NAME', '--from', 'FILE'], place)} makes it a migration, where every environment is to get it.`,
    statements.join('\n--> statement-breakpoint\n'),
    '',
  ].join('\n');
}

/** A line end in a name would end the comment. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
