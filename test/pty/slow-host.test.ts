import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { openScreen } from '../support/screen.ts';
import { silentHost } from '../support/silent-host.ts';
import { smallProject } from '../support/small-project.ts';

beforeAll(builtPackage, 120_000);

test('a host that never answers holds up neither the other environments, nor a key, nor the way out', async () => {
  await using silent = await silentHost();
  using project = smallProject();
  project.configureEnvironment('staging', {
    targets: { app: silent.url },
    timeouts: { connect: '10m' },
  });
  await using screen = await openScreen(project);
  await screen.shows(/behind 2 +\S+ asking.* behind 2/);
  await screen.press('j');
  await screen.shows(/0000_teams +▸/);
  await screen.press('2');
  await screen.shows(/0000_teams +○ pending +▸/);
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
});

test('a host that did not answer in time is unreachable, with the reason, beside the others', async () => {
  await using silent = await silentHost();
  using project = smallProject();
  project.configureEnvironment('staging', {
    targets: { app: silent.url },
    timeouts: { connect: '300ms' },
  });
  await using screen = await openScreen(project);
  await screen.shows(/behind 2 .*unreachable.* behind 2/);
  await screen.press('2');
  await screen.shows('did not answer in time');
});
