import { commandLine } from '../../../lib/command-line.ts';
import { paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { Context } from '../../screen.ts';
import type { EnvironmentsState } from './state.ts';

/** What stands where no migration does: who makes the first, or that the filter leaves none. */
export function emptyLines(state: EnvironmentsState, context: Context): readonly Line[] {
  const { opening, database, columns, place } = context;
  if (opening === undefined) return [[say('')]];
  const of = opening.databases.find(({ name }) => name === database);
  const maker =
    of?.format === 'wrangler'
      ? `${commandLine(['new', 'NAME'], place)} or drizzle-kit generate`
      : 'drizzle-kit generate';
  const text =
    state.filter.text === ''
      ? `No migrations in ${of?.directory ?? 'the project'} yet. ${maker} makes the first; r reads again.`
      : `No migration matches "${state.filter.text}". esc clears the filter.`;
  return [[], ...paragraph(text, { width: columns })];
}
