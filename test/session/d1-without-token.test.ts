import { expect, test } from 'vitest';
import { d1Project } from '../support/d1-project.ts';

test('without a token, environments at Cloudflare are unreachable by name, and what to set is said once', async () => {
  await using project = await d1Project(
    {
      'package.json': '{ "private": true }',
      'wrangler.json': JSON.stringify({
        name: 'shop',
        d1_databases: [
          { binding: 'DB', database_name: 'shop', database_id: id, migrations_dir: 'migrations' },
        ],
      }),
      'migrations/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY);\n',
    },
    { env: { CLOUDFLARE_API_TOKEN: '', CF_API_TOKEN: '', CLOUDFLARE_D1_TOKEN: '' } },
  );
  const { stdout } = await project.ours('status');
  expect(JSON.parse(stdout)).toMatchObject({
    environments: [
      { name: 'local', targets: [{ state: ['behind'] }] },
      {
        name: 'remote',
        targets: [{ state: ['unreachable'], location: 'D1 shop', error: { message: said } }],
      },
    ],
  });
  const doctor = await project.ours('doctor');
  expect(doctor.exitCode).toBe(3);
  expect(doctor.stdout.match(/No API token/g)).toHaveLength(1);
}, 60_000);

const id = '5d0c0d2c-0000-4000-8000-000000000002';
const said = expect.stringMatching(/^No API token for Cloudflare was found\. Set CLOUDFLARE_API_TOKEN /);
