import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage, programOf } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen } from '../support/screen.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { TestTerminal } from '../support/terminal.ts';

beforeAll(builtPackage, 120_000);

test('an environment that does not answer blocks nobody else', async () => {
  using project = smallProject();
  // It takes connections and never says a word.
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    withEnvironments(project, { local: 'file:local.db', silent: `http://127.0.0.1:${port}` });
    await using screen = await openScreen(project);
    await screen.shows(/○ behind 2 +· asking 127/);
    await screen.press('d');
    await screen.shows('local › review');
  } finally {
    silent.close();
  }
});

test('ctrl-z gives the terminal to the shell, and fg brings the screen back', async () => {
  using project = smallProject();
  const program = programOf(await builtPackage());
  await using shell = new TestTerminal('bash', ['--norc', '--noprofile', '-i'], {
    cwd: project.root,
    env: { ...project.env, PS1: 'shell> ' },
  });
  await shell.shows('shell>');
  shell.type(`'${process.execPath}' '${program}'\r`);
  await shell.shows('behind 2');
  await shell.press('ctrl-z');
  await shell.shows(/Stopped/);
  expect(shell.buffer).toBe('normal');
  expect(shell.bracketedPaste || shell.cursorHidden).toBe(shell.bracketedPaste);
  shell.type('fg\r');
  await shell.until(
    'the screen is back',
    (text) => shell.buffer === 'alternate' && text.includes('behind 2'),
  );
  await shell.press('j');
  await shell.shows(/0000_teams +▸/);
  await shell.press('q');
  await shell.until('the shell has the terminal', () => shell.buffer === 'normal');
});

test('a run goes on when its screen is killed, and the next screen finds it', async () => {
  using project = smallProject();
  addSlow(project);
  {
    await using screen = await openScreen(project);
    await toRunning(screen);
    screen.kill('SIGKILL');
    await screen.ended();
  }
  await using again = await openScreen(project);
  await again.shows(/still going on|behind|current/);
  await again.press('esc');
  await again.shows(/local/);
  const end = await waitForEnd(project);
  expect(end).toContain('0002_slow');
});

test('ctrl-c in a running migration undoes it in full and says so', async () => {
  using project = smallProject();
  addSlow(project);
  await using screen = await openScreen(project);
  await toRunning(screen);
  await screen.press('q');
  await screen.shows(/stop first|goes on/);
  await screen.press('ctrl-c');
  await screen.shows(/✗ /);
  const { stdout } = await cli(['status', 'local', '--json'], { cwd: project.root, env: project.env });
  expect(stdout).not.toContain('"half-finished"');
  await screen.press('esc');
  await screen.shows('newest on top');
});

/** A statement of some seconds, so that there is a middle to stop in. */
function addSlow(project: SmallProject): void {
  project.add('0002_slow', [
    'CREATE TABLE numbers (n integer, text text);',
    "INSERT INTO numbers WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500000) SELECT n, hex(n) || 'x' FROM c;",
    'CREATE INDEX numbers_text ON numbers (text);',
  ]);
}

async function toRunning(screen: TestTerminal): Promise<void> {
  await screen.shows('behind 3');
  await screen.press('t');
  await screen.shows(/! deploy|! write|! carry/);
  await screen.press('!');
  await screen.shows(/statement 2 of 3/);
}

async function waitForEnd(project: SmallProject): Promise<string> {
  for (;;) {
    const { stdout } = await cli(['runs', '--json'], { cwd: project.root, env: project.env });
    if (!stdout.includes('"running"')) return stdout;
  }
}

function withEnvironments(project: SmallProject, environments: Readonly<Record<string, string>>): void {
  const targets = Object.entries(environments).map(([name, app]) => [name, { targets: { app } }]);
  writeFileSync(
    join(project.root, 'migrate-tui.config.json'),
    JSON.stringify({
      databases: { app: { migrations: 'drizzle' } },
      environments: Object.fromEntries(targets),
    }),
  );
}
