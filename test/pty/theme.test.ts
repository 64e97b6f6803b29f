import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

const cyan = 6;
const red = 1;
const redBright = 9;
const blueBright = 12;
const looks = { colour: undefined, bold: false, dim: false, inverse: false };

test('without a theme the screen takes the colours of the terminal', async () => {
  using project = smallProject();
  await using screen = await openScreen(project);
  await whole(screen);
  expect(screen.lookOf('? keys')).toEqual({ ...looks, colour: cyan, bold: true });
  expect(screen.lookOf('PROTECTED')).toEqual({ ...looks, colour: red, bold: true });
});

test('a theme of the configuration gives each meaning its look, and a look of its own goes before it', async () => {
  using project = smallProject();
  project.configure({ theme: { from: 'colour-blind', accent: 'underline blueBright' } });
  await using screen = await openScreen(project);
  await whole(screen);
  await screen.until('its keys are blue', () => screen.lookOf('? keys')?.colour === blueBright);
  expect(screen.lookOf('? keys')).toEqual({ ...looks, colour: blueBright });
  expect(screen.lookOf('PROTECTED')).toEqual({ ...looks, colour: redBright, bold: true });
});

test('the plain theme has weight and no colour', async () => {
  using project = smallProject();
  project.configure({ theme: 'plain' });
  await using screen = await openScreen(project);
  await whole(screen);
  await screen.until('nothing is coloured', () => screen.lookOf('? keys')?.colour === undefined);
  expect(screen.lookOf('? keys')).toEqual({ ...looks, bold: true });
  expect(screen.lookOf('PROTECTED')).toEqual({ ...looks, bold: true });
});

test('NO_COLOR goes before every theme', async () => {
  using project = smallProject();
  project.configure({ theme: { danger: 'bold magenta', accent: 'blue' } });
  await using screen = await openScreen(project, { env: { NO_COLOR: '1' } });
  await whole(screen);
  await screen.press('?');
  await screen.shows('keys of environments');
  expect(screen.lookOf('PROTECTED') ?? looks).toEqual(looks);
  expect(screen.lookOf('esc close')).toEqual(looks);
  expect(screen.raw.replaceAll('\u001B', 'ESC')).not.toMatch(/ESC\[(?:\d+;)*(?:1|2|3\d|9\d)m/);
});

async function whole(screen: TestTerminal): Promise<void> {
  await screen.shows(/behind 2[^]*PROTECTED/);
}
