import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';

beforeAll(builtPackage, 120_000);

const linear = { args: ['--accessible'], columns: 160, rows: 60 } as const;

test('with --accessible a deploy is a conversation that only ever appends', async () => {
  using project = smallProject();
  await using terminal = await openScreen(project, linear);
  await terminal.shows('Which environment?');
  terminal.type('production\r');
  await terminal.shows('Type 1, or press enter to go back:');
  terminal.type('1\r');
  await terminal.shows('Type production to apply');
  terminal.type('\u001B[200~production\u001B[201~\r');
  await terminal.shows('Pasted text does not confirm.');
  terminal.type('production\r');
  await terminal.shows(/Step 4 of 4, verify: done/);
  await terminal.shows(/Environment 3, production, protected, [^]*: current\.[^]*Which environment/);
  terminal.type('\r');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(terminal.buffer).toBe('normal');
  expect(terminal.raw).not.toContain('\u001B[?1049h');
  expect(terminal.bracketedPaste).toBe(false);
});

test('an empty answer leaves the linear form with nothing written', async () => {
  using project = smallProject();
  await using terminal = await openScreen(project, linear);
  await terminal.shows('Which environment?');
  terminal.type('\r');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(terminal.text()).toContain('Left. Exit code 0.');
});
