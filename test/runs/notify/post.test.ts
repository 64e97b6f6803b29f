import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { post } from '../../../src/runs/notify/post.ts';
import { freePort } from '../../support/free-port.ts';
import { secretPath, webhook } from '../../support/webhook.ts';

test('a server that takes no connection at first is tried once more', async () => {
  const port = await freePort();
  const refused = Promise.withResolvers<void>();
  const onRefused = () => refused.resolve();
  subscribe('undici:client:connectError', onRefused);
  const told = post(new Secret(`http://127.0.0.1:${port}/${secretPath}`), { text: 'x' }, { limit: 4000 });
  await refused.promise;
  unsubscribe('undici:client:connectError', onRefused);
  await using chat = await webhook(undefined, port);
  expect(await told).toEqual({ kind: 'told' });
  expect(chat.messages).toMatchObject([{ path: `/${secretPath}`, body: { text: 'x' } }]);
});

test('a name that does not exist is said without the address', async () => {
  const url = new Secret(`https://nowhere.invalid/${secretPath}`);
  expect(await post(url, {}, { limit: 4000 })).toEqual({
    kind: 'failed',
    says: expect.stringMatching(/^its name was not found$|^it did not answer within 4 s$/),
  });
});
