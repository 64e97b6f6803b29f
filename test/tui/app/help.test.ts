import { expect, test } from 'vitest';
import { placeFlags } from '../../../src/lib/command-line.ts';
import { unicodeSigns } from '../../../src/lib/signs.ts';
import { helpLines } from '../../../src/tui/app/help.ts';
import { openScreen } from '../../../src/tui/app/registry.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';

const tags = ['0000_init', '0001_users'];

/** The keys of the environments, of which the one under the cursor is called `my prod`. */
function help({ width, height = 200 }: { readonly width: number; readonly height?: number }): string {
  const opening = openingOf(tags, ['my prod']);
  const context = {
    ...contextWith(opening, [statusOf(tags, 'my prod', { '0001_users': 'pending' })]),
    place: placeFlags({ project: 'apps/worker', config: undefined }),
  };
  const { mounted } = openScreen({ screen: 'environments' }, { key: 1, context });
  const view = { filter: { text: '', typing: 'set' }, top: 0 } as const;
  return helpLines(unicodeSigns, {
    name: 'environments',
    rows: mounted.keys(context),
    help: { kind: 'help', ...view },
    width,
    height,
  })
    .map(textOf)
    .join('\n');
}

test.each([120, 80, 60])('at %i columns help says all of what a key does', (width) => {
  const text = help({ width });
  expect(text).not.toContain('…');
  const words = text.replaceAll(/\n│ */g, ' ').replaceAll(/ +/g, ' ');
  expect(words).toContain('one file of the history up to this row, of all of it on the newest');
  expect(words).toContain('or take its record away; on a name: baseline, the place that its schema is');
});

test('below what a key does stands the command that does the same, for a shell and for where the project is', () => {
  const text = help({ width: 120 });
  expect(text).toMatch(
    / d +deploy what is pending[^\n]*\n│ +migrate-tui deploy --project apps\/worker 'my prod' /,
  );
  expect(text).toMatch(/ H +the runs so far *\n│ +migrate-tui runs --project apps\/worker /);
});
