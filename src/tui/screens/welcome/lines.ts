import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { columns, headline, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { Context } from '../../screen.ts';
import {
  choicesOf,
  drizzleConfig,
  folderConfig,
  nothingHere,
  type WelcomePage,
  type WelcomeState,
} from './state.ts';

/** What was found and where, or where was looked in vain; then the choices, or what one of them shows. */
export function welcomeLines(signs: Signs, state: WelcomeState, context: Context): readonly Line[] {
  const { page } = state;
  const { columns: width } = context;
  switch (page.kind) {
    case 'choices':
      return [...headLines(signs, context), [], ...choiceLines(signs, state, context)];
    case 'needs':
      return textPage(
        'In the project, drizzle.config.ts has to say which dialect it is, where the migrations are, and where the database is. Then r reads again.',
        drizzleConfig,
        width,
      );
    case 'folder':
      return textPage(
        'A folder of numbered SQL files, such as 0001_users.sql, needs migrate-tui.config.json beside it. They are run by number and recorded in the table _migrations. Put the folder in the place of FOLDER, then r reads again.',
        folderConfig,
        width,
      );
    case 'making':
      return [...paragraph(`${signs.nothing} ${page.what}`, { width, tone: 'dim' })];
    case 'failed':
      return [
        ...headline(signs, { sign: 'failed', tone: 'danger' }, page.error.message, width),
        ...paragraph(page.error.next ?? 'esc goes back.', { width }),
      ];
    case 'config':
      return configLines(signs, page, context);
  }
}

function headLines(signs: Signs, context: Context): readonly Line[] {
  return nothingHere(context) ? nothingLines(signs, context) : foundLines(signs, context);
}

function choiceLines(signs: Signs, { at }: WelcomeState, context: Context): readonly Line[] {
  return choicesOf(context).flatMap(({ title, says }, index) =>
    paragraph(says, { width: context.columns, indent: 27, tone: 'dim' }).map((line, row) =>
      row > 0
        ? line
        : [
            say(index === at ? `${signs.cursor} ` : '  ', 'accent'),
            ...columns(signs, [
              { content: say(`${index + 1} ${title}`, index === at ? 'accent' : 'text'), width: 25 },
            ]),
            ...line.slice(1),
          ],
    ),
  );
}

function textPage(sentence: string, text: string, width: number): readonly Line[] {
  return [...paragraph(sentence, { width }), [], ...text.split('\n').map((row): Line => [say(`  ${row}`)])];
}

function configLines(
  signs: Signs,
  { file, top }: Extract<WelcomePage, { kind: 'config' }>,
  { columns: width, rows }: Context,
): readonly Line[] {
  if (file.kind === 'asking') return [[say(`  ${signs.nothing} reading what was found`, 'dim')]];
  const sentence =
    file.kind === 'writing'
      ? 'It is being written.'
      : 'Nothing is written yet. ! writes this file; it never overwrites one.';
  const text = file.content
    .trimEnd()
    .split('\n')
    .slice(top, top + Math.max(1, rows - 4));
  return [
    ...paragraph(sentence, { width }),
    rule(signs, width, [{ at: 3, title: 'migrate-tui.config.ts' }]),
    ...text.map((row): Line => [say(`  ${row}`)]),
  ];
}

function foundLines(signs: Signs, { opening, columns: width }: Context): readonly Line[] {
  const names = opening?.environments.map(({ name }) => name) ?? [];
  const list =
    names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}` : (names[0] ?? '');
  const found = opening?.sources ?? [];
  // As wide as the choices below, wider for the name of a configuration with its environment.
  const nameWidth = Math.min(32, Math.max(22, ...found.map(({ file }) => file.length)));
  const sources = found.flatMap(({ file, says }) =>
    paragraph(says, { width, indent: nameWidth + 5 }).map((line, row) =>
      row > 0
        ? line
        : [
            say('  '),
            say(signs.done, 'ok'),
            ...columns(signs, [
              { content: '', width: 1 },
              { content: file, width: nameWidth, cut: 'middle' },
              { content: '', width: 1 },
            ]),
            ...line.slice(1),
          ],
    ),
  );
  const notes = (opening?.notes ?? []).flatMap((note) =>
    paragraph(`${signs.unknown} ${note}`, { width, tone: 'warn' }),
  );
  const head = `${quantity(names.length, 'environment')} found, ${list}, without any config of migrate-tui:`;
  return [...paragraph(head, { width }), ...sources, ...notes];
}

function nothingLines(signs: Signs, { failure, opening, columns: width }: Context): readonly Line[] {
  if (failure) {
    return [
      ...headline(signs, { sign: 'failed', tone: 'danger' }, failure.message, width),
      ...paragraph('Nothing was changed.', { width }),
      ...paragraph(`${failure.next ?? ''} r reads again.`.trim(), { width }),
    ];
  }
  return [
    ...paragraph('No migrations were found in this folder or above it, up to the git root.', { width }),
    ...paragraph('looked for   drizzle.config.*, wrangler.*, migrate-tui.config.*, numbered SQL', { width }),
    ...paragraph('not changed  nothing was written', { width }),
    ...(opening?.notes ?? []).flatMap((note) => paragraph(note, { width, tone: 'warn' })),
  ];
}
