import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen } from '../support/screen.ts';
import { gate, type Gate } from '../support/gate.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import type { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

describe('ctrl-c stops a deploy at every step, and the screen says what is in the target', () => {
  test.each([
    ['backup', 'beforeBackup'],
    ['dry-run', 'beforeDryRun'],
  ] as const)('at the %s: the target was only read', async (_step, hook) => {
    using project = smallProject();
    const hold = gate(project, hook, 'staging');
    await using screen = await openScreen(project);
    await screen.shows(/behind 2.*behind 2.*behind 2/);
    await screen.press('2', 't');
    await at(hold, screen);
    await screen.press('ctrl-c');
    await screen.shows('The dry-run was stopped; staging is unchanged.');
    expect(await appliedIn(project, 'staging')).toBe(0);
    await leave(screen, 0);
  });

  test('at the review, where nothing runs: the screen ends with 0', async () => {
    using project = smallProject();
    await using screen = await openScreen(project);
    await toReview(screen);
    await screen.press('ctrl-c');
    expect(await screen.ended()).toMatchObject({ exitCode: 0 });
    expect(await appliedIn(project, 'staging')).toBe(0);
  });

  test('before the first migration is applied: the target is as it was, and the exit code is 130', async () => {
    using project = smallProject();
    const hold = gate(project, 'beforeApply', 'staging');
    await using screen = await openScreen(project);
    await toReview(screen);
    await screen.press('!');
    await at(hold, screen);
    await screen.press('ctrl-c');
    await screen.shows(/✗ [^]*beforeApply/);
    expect(await appliedIn(project, 'staging')).toBe(0);
    await leave(screen, 130);
  });

  test('at the verify: what was applied stays, and the exit code is 5', async () => {
    using project = smallProject();
    const hold = gate(project, 'beforeVerify', 'staging');
    await using screen = await openScreen(project);
    await toReview(screen);
    await screen.press('!');
    await at(hold, screen);
    await screen.press('ctrl-c');
    await screen.shows(/✗ [^]*0001_members +applied/);
    expect(await appliedIn(project, 'staging')).toBe(2);
    await leave(screen, 5);
  });
});

test('a window that is resized while a run goes on shows the run at every size', async () => {
  using project = smallProject();
  const hold = gate(project, 'beforeApply', 'staging');
  await using screen = await openScreen(project);
  await toReview(screen);
  await screen.press('!');
  await at(hold, screen);
  for (const [columns, rows] of [
    [80, 24],
    [60, 20],
    [160, 50],
  ] as const) {
    screen.resize(columns, rows);
    await screen.until(
      `the run in ${columns} × ${rows}`,
      (text) => /run \d+/.test(text) && /● +hook/.test(text) && fits(text, columns),
    );
  }
  hold.open();
  await screen.shows(/✓ staging is at 0001_members/);
});

test('a run whose page was left says on whatever page is open how it ended', async () => {
  using project = smallProject();
  const hold = gate(project, 'beforeApply', 'staging');
  await using screen = await openScreen(project);
  await toReview(screen);
  await screen.press('!');
  await at(hold, screen);
  await screen.press('esc');
  await screen.shows(/newest on top[^]*Run \d+ goes on\. H shows it\./);
  await screen.press('H');
  await screen.shows(/enter watch it/);
  hold.open();
  await screen.shows(/Run \d+, deploy of staging: staging is at 0001_members/);
});

test('a run whose screen was killed is shown by the next screen and followed to its end', async () => {
  using project = smallProject();
  const hold = gate(project, 'beforeApply', 'staging');
  {
    await using screen = await openScreen(project);
    await toReview(screen);
    await screen.press('!');
    await at(hold, screen);
    screen.kill('SIGKILL');
    await screen.ended();
  }
  await using again = await openScreen(project);
  await again.shows('on staging is still going on');
  await again.press('enter');
  await again.shows(/● +hook/);
  hold.open();
  await again.shows(/✓ staging is at 0001_members/);
  expect(await appliedIn(project, 'staging')).toBe(2);
});

async function toReview(screen: TestTerminal): Promise<void> {
  await screen.shows(/behind 2.*behind 2.*behind 2/);
  await screen.press('2', 't');
  await screen.shows('! deploy to staging');
}

/** Back to the environments, and out. */
async function leave(screen: TestTerminal, exitCode: number): Promise<void> {
  await screen.press('esc');
  await screen.shows('newest on top');
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode });
  expect(screen.buffer).toBe('normal');
  expect(screen.bracketedPaste).toBe(false);
  expect(screen.cursorHidden).toBe(false);
}

function fits(text: string, columns: number): boolean {
  return text.split('\n').every((line) => line.length <= columns);
}

async function at(held: Gate, screen: TestTerminal): Promise<void> {
  await screen.until(`${held.hook} runs`, (text) => held.isReached() && text.includes(held.hook));
}

async function appliedIn(project: SmallProject, environment: string): Promise<unknown> {
  const { stdout } = await cli(['status', environment, '--json'], { cwd: project.root, env: project.env });
  return /"applied":\s*(\d+)/.exec(stdout)?.[1] === undefined
    ? stdout
    : Number(/"applied":\s*(\d+)/.exec(stdout)?.[1]);
}
