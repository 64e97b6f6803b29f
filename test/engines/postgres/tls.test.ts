import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

const certificateFile = fileURLToPath(new URL('../../fixtures/tls/certificate.pem', import.meta.url));
const keyFile = fileURLToPath(new URL('../../fixtures/tls/key.pem', import.meta.url));

describe('a PostgreSQL server with TLS', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    const certificate = await readFile(certificateFile, 'utf8');
    const key = await readFile(keyFile, 'utf8');
    server = await postgresServer({ certificate: { certificate, key } });
    await using client = await server.connect();
    const { rows } = await client.query<{ file: string }>("SELECT current_setting('hba_file') AS file");
    await client.query(`COPY (SELECT 'hostssl all postgres all scram-sha-256') TO '${rows[0]?.file}'`);
    await client.query('SELECT pg_reload_conf()');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('is reached as encrypted as the URL asks for', async () => {
    const root = `sslrootcert=${certificateFile}`;
    const encrypted = ['prefer', 'allow', 'require', 'no-verify', `require&${root}`, `verify-ca&${root}`];
    for (const mode of encrypted) {
      await using engine = await opened(`127.0.0.1:${server.port}/postgres?sslmode=${mode}`);
      expect(await engine.query({ sql: isEncrypted }), mode).toEqual([{ ssl: 't' }]);
    }
    await using engine = await opened(`localhost:${server.port}/postgres?sslmode=verify-full&${root}`);
    expect(await engine.query({ sql: isEncrypted })).toEqual([{ ssl: 't' }]);
  });

  test('is not trusted where the URL asks for a check that it does not pass', async () => {
    const root = `sslrootcert=${certificateFile}`;
    const selfSigned = opened(`127.0.0.1:${server.port}/postgres?sslmode=verify-full`);
    await expect(selfSigned).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(
        'shows a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
      ),
    });
    const otherName = opened(`127.0.0.1:${server.port}/postgres?sslmode=verify-full&${root}`);
    await expect(otherName).rejects.toMatchObject({
      message: expect.stringContaining('(ERR_TLS_CERT_ALTNAME_INVALID)'),
    });
    const missing = opened(`127.0.0.1:${server.port}/postgres?sslmode=verify-ca&sslrootcert=/nowhere`);
    await expect(missing).rejects.toMatchObject({ code: 'config' });
  });

  test('that wants it refuses a plain connection, and says what to add', async () => {
    await expect(opened(`127.0.0.1:${server.port}/postgres`)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/refuses a connection without TLS$/),
      next: 'Add ?sslmode=require to the URL.',
    });
  });

  test('says of a user whom it refuses that it does so, and not that encryption is missing', async () => {
    for (const mode of ['prefer', 'allow', 'require']) {
      const refused = opened(`127.0.0.1:${server.port}/postgres?sslmode=${mode}`, 'guest');
      await expect(refused, mode).rejects.toMatchObject({
        message: expect.stringMatching(/refuses user guest \(.*, SSL encryption\)$/),
      });
    }
  });

  function opened(where: string, user = 'postgres') {
    const address = { ...server.address('postgres'), url: `postgres://${user}@${where}` };
    return openPostgres(address, { purpose: 'question', connectTimeout: 5000, busyTimeout: 5000 });
  }
});

const isEncrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
