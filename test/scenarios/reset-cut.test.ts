import { expect, test } from 'vitest';
import { byHand, namesBy } from '../support/by-hand.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { program, startProgram } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const command = ['reset', 'local', '--yes', '--json'];
const migrating = ({ kind, tag }: Readonly<Record<string, unknown>>) =>
  kind === 'step-started' && tag === '0002_slow';

test('a reset that is killed after the emptying is named by status, with what brings the rows back', async () => {
  using project = await withRows();
  {
    await using run = await startProgram(command, { cwd: project.root, env: project.env });
    await run.line(migrating);
    run.signal('SIGKILL');
    await run.ended;
  }
  const { says } = await statusIn(project, 'local');
  const way = 'migrate-tui restore local b1 brings back what was before. The next deploy goes on';
  expect(says).toEqual([
    expect.stringMatching(new RegExp(`\\(reset\\) .* after it had emptied app\\. ${way}`)),
  ]);
  const back = await program(['restore', 'local', 'b1', '--yes', '--json'], {
    cwd: project.root,
    env: project.env,
  });
  expect(back).toMatchObject({ exitCode: 0 });
  expect(await namesBy(project, 'SELECT name FROM teams ORDER BY id')).toEqual(['red', 'blue', 'mine']);
});

test('ctrl-c after the emptying ends with 5, and says what brings the rows back', async () => {
  using project = await withRows();
  await using run = await startProgram(command, { cwd: project.root, env: project.env });
  await run.line(migrating);
  run.signal('SIGINT');
  const { exitCode } = await run.ended;
  expect(exitCode).toBe(5);
  expect(run.lines.at(-1)).toMatchObject({
    message: expect.stringContaining('app was emptied, and then: '),
    next: expect.stringMatching(
      /^migrate-tui restore local b1 brings back what was there\. The same command does it anew\.$/,
    ),
  });
});

/** Local with a row that no migration makes, and one more migration, which takes its time. */
async function withRows(): Promise<SmallProject> {
  const project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  await byHand(project, ["INSERT INTO teams VALUES (9, 'mine')"]);
  project.add('0002_slow', [
    'CREATE TABLE slow AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000000) SELECT count(*) AS n FROM n',
  ]);
  return project;
}
