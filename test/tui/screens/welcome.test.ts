import { expect, test } from 'vitest';
import { unicodeSigns } from '../../../src/lib/signs.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { welcomeLines } from '../../../src/tui/screens/welcome/lines.ts';
import { drizzleConfig, folderConfig } from '../../../src/tui/screens/welcome/state.ts';
import { writeFiles } from '../../support/drizzle-folders.ts';
import { carryOut, consent, selection } from '../../support/in-process.ts';
import { contextWith, emptyContext, openingOf } from '../../support/status.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('the configuration that is shown for a folder of numbered SQL files deploys them', async () => {
  await using project = await temporaryFolder();
  await writeFiles(project.path, {
    'migrate-tui.config.json': folderConfig.replace('FOLDER', 'sql'),
    'sql/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY);',
    'sql/0002_name.sql': 'ALTER TABLE users ADD name text;',
  });
  const place = { root: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  const events = await carryOut(place, { kind: 'apply', environment: 'local', selection, consent });
  expect(events.at(-1)).toMatchObject({
    kind: 'done',
    applied: [{ tag: '0001_users' }, { tag: '0002_name' }],
  });
});

test('what a configuration has to say is shown whole on a small screen', () => {
  const context = { ...emptyContext, columns: 60, rows: 17 };
  for (const [kind, text] of [
    ['folder', folderConfig],
    ['needs', drizzleConfig],
  ] as const) {
    const shown = welcomeLines(unicodeSigns, { at: 0, page: { kind } }, context).map(textOf);
    expect(shown.length).toBeLessThanOrEqual(context.rows);
    expect(shown.slice(-text.split('\n').length).map((row) => row.slice(2))).toEqual(text.split('\n'));
    expect(Math.max(...shown.map((row) => row.length))).toBeLessThanOrEqual(context.columns);
  }
});

test('the name of a configuration stands apart from what was found in it, however long it is', () => {
  const rows = (...files: readonly string[]) => {
    const sources = files.map((file) => ({ file, says: 'SQLite' }));
    const context = contextWith({ ...openingOf([], ['local']), sources }, []);
    const state = { at: 0, page: { kind: 'choices' } } as const;
    return welcomeLines(unicodeSigns, state, context)
      .map(textOf)
      .filter((row) => row.includes('SQLite'));
  };
  expect(rows('drizzle.config.ts')).toEqual(['  ✓ drizzle.config.ts      SQLite']);
  expect(rows('wrangler.jsonc', 'drizzle.config.local.ts')).toEqual([
    '  ✓ wrangler.jsonc          SQLite',
    '  ✓ drizzle.config.local.ts SQLite',
  ]);
  const [cut = ''] = rows(`drizzle.config.${'a'.repeat(40)}.ts`);
  expect(cut).toMatch(/^  ✓ drizzle\.config\S+…\S+\.ts SQLite$/);
});
