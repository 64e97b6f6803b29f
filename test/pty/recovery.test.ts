import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen, typeByHand } from '../support/screen.ts';

beforeAll(builtPackage, 120_000);

interface Demo extends Disposable {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The practice project, whose environment dev was left in the middle of 0014. */
async function practice(): Promise<Demo> {
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-recovery-'));
  const root = join(home, 'demo');
  const env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  await cli(['demo', root, '--no-open'], { cwd: home, env });
  return { root, env, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

test('the half-finished environment of the demo is finished from the screen: ways out, review, name, done', async () => {
  using demo = await practice();
  await using screen = await openScreen(demo);
  await screen.shows(/◐ half-finished/);
  await screen.press('2', 'w');
  await screen.shows('0014_orders_due_date stopped after statement 4 of 12');
  await screen.shows(/▸ 1 go on from statement 5 +recommended/);
  await screen.press('enter');
  await screen.shows('what is run');
  expect(screen.text()).toMatch(/ALTER TABLE `__new_orders` RENAME TO `orders` +5 in the file/);
  await screen.press('t');
  await screen.shows('type its name: ▏');
  await typeByHand(screen, 'dev');
  await screen.press('enter');
  await screen.shows('app in dev is recovered: go on from statement 5 is done.');
  await screen.press('enter');
  await screen.shows(/✓ +1 +ALTER TABLE `__new_orders` RENAME/);
  await screen.press('esc');
  await screen.shows('── proven');
  await screen.press('esc');
  await screen.shows(/dev +\d staging[^]*○ behind 2[^]*0014_orders_due_date +✓ applied +✓ applied/);
  expect(screen.text()).not.toContain('half');
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  const { exitCode } = await cli(['recover', 'dev'], { cwd: demo.root, env: demo.env });
  expect(exitCode).toBe(0);
  // The rehearsal and the way that was taken are one to the person.
  expect(screen.text()).toContain('1 run');
});

test('what is half-finished opens by itself at the start, stays as it is after esc, and opens at the next start again', async () => {
  using demo = await practice();
  {
    await using screen = await openScreen(demo);
    await screen.shows('dev is half-finished: 0014_orders_due_date stopped after statement 4 of 12');
    await screen.press('x');
    await screen.shows('Written: .migrate-tui/exports/incident-dev.md');
    await screen.press('esc');
    await screen.shows(/dev is left as it is[^]*/);
    expect(screen.text()).toContain('◐ half-finished');
    await screen.press('q');
    expect(await screen.ended()).toMatchObject({ exitCode: 0 });
  }
  const report = readFileSync(join(demo.root, '.migrate-tui/exports/incident-dev.md'), 'utf8');
  expect(report).toMatch(/^# [^]*0014_orders_due_date/);
  await using again = await openScreen(demo);
  await again.shows('dev is half-finished: 0014_orders_due_date stopped after statement 4 of 12');
});
