import { expect, test } from 'vitest';
import { placeFlags } from '../../../src/lib/command-line.ts';
import { unicodeSigns } from '../../../src/lib/signs.ts';
import { paletteEntries, paletteLines } from '../../../src/tui/app/palette.ts';
import { deployBlocked } from '../../../src/tui/app/jobs.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';

const tags = ['0000_init', '0001_users'];
const context = contextWith(openingOf(tags, ['dev', 'staging', 'production']), [
  statusOf(tags, 'dev', { '0001_users': 'half' }, { state: ['half-finished'] }),
  statusOf(tags, 'staging'),
  statusOf(tags, 'production', { '0001_users': 'pending' }),
]);

test('a deploy that cannot be made now says why and what leads out', () => {
  expect(deployBlocked(context, 'dev')).toBe('finish dev first');
  expect(deployBlocked(context, 'staging')).toBe('nothing pending');
  expect(deployBlocked(context, 'production')).toBeUndefined();
});

test('where the original tool passes over a migration, a deploy says so and which key leads out', () => {
  const skipped = contextWith(openingOf(tags, ['staging']), [
    statusOf(tags, 'staging', { '0000_init': 'skipped' }, { state: ['behind'] }),
  ]);
  expect(deployBlocked(skipped, 'staging')).toBe('1 skipped, w leads out');
});

test('the palette finds by the beginnings of words and teaches the command line', () => {
  const text = shown('de prod');
  expect(text).toContain('deploy production');
  expect(text).not.toContain('deploy staging');
  expect(text).toContain('migrate-tui deploy production --yes --confirm production');
});

test('the palette finds a job by the words of its key too', () => {
  expect(shown('fetch dev')).toMatch(/▸ resync dev +f /);
  expect(shown('ways staging')).toMatch(/▸ recover staging +w /);
});

test('the palette says so when nothing matches', () => {
  expect(shown('dx')).toContain('No command matches "dx".');
});

test('a screen that was told where the project is teaches commands that say so, too', () => {
  const place = placeFlags({ project: 'apps/the worker', config: undefined });
  const text = shown('de prod', { context: { ...context, place } });
  expect(text).toContain("migrate-tui deploy --project 'apps/the worker' production --yes");
  const commands = paletteEntries({ ...context, place }).map(({ command }) => command);
  expect(commands.filter((command) => !command.includes(" --project 'apps/the worker'"))).toEqual([]);
});

test('nothing in the palette starts a change', () => {
  const kinds = new Set(paletteEntries(context).map(({ effect }) => effect.kind));
  expect([...kinds].toSorted()).toEqual(['home', 'open', 'refresh']);
});

test('environments whose long names begin alike can be told apart, and a longer list says how long it is', () => {
  const regions = ['production-of-europe-central-1', 'production-of-europe-central-2'];
  const long = contextWith(openingOf(tags, regions), []);
  const text = shown('de', { context: long, width: 60, height: 30 });
  expect(text).toMatch(/deploy pro\S*…\S*central-1 /);
  expect(text).toMatch(/deploy pro\S*…\S*central-2 /);
  expect(text).not.toMatch(/\d+ to \d+ of/);
  const narrow = shown('de', { context: long, width: 44, height: 8 });
  expect(narrow.replaceAll(/[│\s]+/g, ' ')).toContain(
    'migrate-tui deploy production-of-europe-central-2 --yes',
  );
  expect(narrow.split('\n')).toHaveLength(7);
  expect(shown('', { context: long, width: 80, height: 16 })).toMatch(/esc close {3}1 to 10 of \d+/);
});

function shown(text: string, at: Partial<Parameters<typeof paletteLines>[1]> = {}): string {
  const palette = { kind: 'palette', text, cursor: 0 } as const;
  const input = { context, palette, width: 92, height: 30, ...at };
  return paletteLines(unicodeSigns, input).map(textOf).join('\n');
}
