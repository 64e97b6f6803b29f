import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/operations/events.ts';
import { endOf, silentEndOf } from '../../../src/tui/app/run-end.ts';
import { Runs } from '../../../src/tui/app/runs.ts';
import type { StartedRun } from '../../../src/tui/app/state.ts';
import { openClient } from '../../../src/tui/client/client.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { deployDone } from '../recorded/deploy.ts';

/** Prints the events of a run, and goes on until a file is there. */
function program(
  folder: string,
  events: readonly RunEvent[],
): { readonly file: string; readonly end: () => void } {
  const file = join(folder, 'program.mjs');
  const gate = join(folder, 'may-end');
  writeFileSync(
    file,
    `import { existsSync } from 'node:fs';
console.log(${JSON.stringify(events.map((event) => JSON.stringify(event)).join('\n'))});
const timer = setInterval(() => existsSync(${JSON.stringify(gate)}) && clearInterval(timer), 10);`,
  );
  return { file, end: () => writeFileSync(gate, '') };
}

test('a run that said how it ended does not keep anybody on the screen while its process closes', async () => {
  await using folder = await temporaryFolder();
  const { file, end } = program(folder.path, deployDone);
  using client = openClient({
    command: [process.execPath, file],
    flags: [],
    cwd: folder.path,
    env: process.env,
  });
  using runs = new Runs(client);
  const done = Promise.withResolvers<void>();
  const over = Promise.withResolvers<StartedRun>();
  runs.start(1, 'run', [], {
    onEvent: (event, run) => {
      if (event.kind !== 'done') return expect(runs.going).toEqual([event.run]);
      expect(endOf(run, event)).toMatchObject({ level: 'info' });
      done.resolve();
    },
    onEnd: (_end, _environment, run) => over.resolve(run),
  });
  await done.promise;
  expect(runs.going).toEqual([]);
  end();
  expect(silentEndOf(await over.promise)).toBeUndefined();
});
