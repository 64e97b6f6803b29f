import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresAddress } from '../../src/engines/address.ts';
import { Secret } from '../../src/lib/secret.ts';
import { freePort } from './free-port.ts';
import { postgresPrograms, serverUser } from './postgres-binaries.ts';

/** A real PostgreSQL on loopback, with passwords that are asked for. It ends with the process that started it. */
export interface PostgresServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly name: string; readonly password: string };
  /** All of its files: tables, write-ahead log, temporary ones. */
  readonly dataFolder: string;
  /** With the password in it, as other tools take it. */
  url(database: string): string;
  /** The same as our own engine takes it. */
  address(database: string): PostgresAddress;
  /** An empty database with a name of its own, dropped at the end of the scope, also while somebody is connected. */
  createDatabase(): Promise<PostgresDatabase>;
  /** A plain connection, closed at the end of the scope. */
  connect(database?: string): Promise<Client & AsyncDisposable>;
  /** Ends the server: `killed` as a crash does, `shut-down` as an administrator does while clients are connected. */
  stop(how: 'killed' | 'shut-down'): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** What it wrote since it was started. */
  log(): string;
}

export interface PostgresDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly address: PostgresAddress;
  connect(): Promise<Client & AsyncDisposable>;
}

export interface PostgresServerOptions {
  /** As in postgresql.conf, such as `max_connections`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** For TLS, as PEM. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
}

export async function postgresServer({
  settings = {},
  certificate,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const user = serverUser();
  // Not `tmpdir()`: a socket's path has room for 100 characters, and another user must get here.
  const folder = await mkdtemp('/tmp/migrate-tui-postgres-');
  const superuser = { name: 'postgres', password: randomUUID() };
  const files = {
    password: superuser.password,
    ...(certificate ? { 'server.crt': certificate.certificate, 'server.key': certificate.key } : {}),
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  const tls = certificate
    ? { ssl: 'on', ssl_cert_file: join(folder, 'server.crt'), ssl_key_file: join(folder, 'server.key') }
    : {};
  if (user) {
    const owned = ['.', ...Object.keys(files)].map((name) => join(folder, name));
    for (const path of owned) await chown(path, user.uid, user.gid);
  }
  const programs = await postgresPrograms(folder, user);
  const run = async (port: number) =>
    runServer(
      [programs, folder, ...flags({ ...settings, ...tls, port, unix_socket_directories: folder })],
      user,
    );
  let port = await freePort();
  let running = await run(port);
  // Somebody else may have taken the port meanwhile.
  for (let left = 3; running.kind === 'refused'; left -= 1) {
    if (left === 0 || !running.log.includes('Address already in use')) throw new Error(running.log);
    port = await freePort();
    running = await run(port);
  }
  let server = running.server;
  const url = (database: string) =>
    `postgres://${superuser.name}:${superuser.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const address = (database: string): PostgresAddress => ({
    kind: 'postgres',
    url: `postgres://${superuser.name}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    password: new Secret(superuser.password),
  });
  const connect = (database = 'postgres') => connected(url(database));
  return {
    host: '127.0.0.1',
    port,
    superuser,
    dataFolder: join(folder, 'data'),
    url,
    address,
    connect,
    createDatabase: () => createDatabase({ url, address, connect }),
    log: () => server.log(),
    async stop(how) {
      const [pid] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), how === 'killed' ? 'SIGKILL' : 'SIGINT');
      await server.ended;
      await server.leave('keep');
    },
    async start() {
      const again = await run(port);
      if (again.kind === 'refused') throw new Error(again.log);
      server = again.server;
    },
    async [Symbol.asyncDispose]() {
      await server.leave('remove');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Running =
  { readonly kind: 'running'; readonly server: Server } | { readonly kind: 'refused'; readonly log: string };

interface Server {
  log(): string;
  /** When PostgreSQL itself is gone. */
  readonly ended: Promise<void>;
  /** Ends it, and removes its folder or keeps it. */
  leave(folder: 'keep' | 'remove'): Promise<void>;
}

/**
 * A shell stands between: it makes the data folder when there is none, starts the server, and waits for a word. When
 * this process dies, however it dies, the pipe ends and the shell ends the server and removes the folder.
 */
async function runServer(args: readonly string[], user: object | undefined): Promise<Running> {
  const shell = spawn('/bin/sh', ['-c', keeper, 'sh', ...args], {
    ...user,
    cwd: '/',
    // A session of its own: an interrupt typed at the terminal must not end the shell before the server.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  const gone = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const ready = Promise.withResolvers<'ready' | 'ended'>();
  const ended = Promise.withResolvers<void>();
  let log = '';
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (log.includes('database system is ready to accept connections')) ready.resolve('ready');
  });
  shell.stderr.once('close', () => ended.resolve());
  void ended.promise.then(() => ready.resolve('ended'));
  shell.stdin.on('error', () => undefined);
  const leave = async (folder: 'keep' | 'remove') => {
    shell.stdin.end(`${folder}\n`);
    await gone;
  };
  if ((await ready.promise) === 'ready') {
    return { kind: 'running', server: { log: () => log, ended: ended.promise, leave } };
  }
  await leave('keep');
  return { kind: 'refused', log };
}

// The shell lets go of its standard error, so that the pipe ends with the server.
const keeper = `
programs="$1" folder="$2"; shift 2
if [ ! -d "$folder/data" ]; then
  "$programs/initdb" --pgdata="$folder/data" --username=postgres --pwfile="$folder/password" --auth=scram-sha-256 \\
    --encoding=UTF8 ${process.env['TEST_POSTGRES'] ? '--locale=C.UTF-8' : '--locale-provider=builtin --builtin-locale=C.UTF-8'} --no-sync --no-instructions 1>&2
fi
"$programs/postgres" -D "$folder/data" "$@" &
server=$!
exec 2>/dev/null
word=remove
read -r word
kill -QUIT $server
wait $server
[ "$word" = keep ] || rm -rf "$folder"
`;

function flags(settings: Readonly<Record<string, string | number>>): readonly string[] {
  const all = { ...quickSettings, ...settings };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

// Nothing here outlives a loss of power, and nothing needs to; what was committed outlives a killed server.
const quickSettings = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: 50,
};

async function createDatabase({
  url,
  address,
  connect,
}: Pick<PostgresServer, 'url' | 'address' | 'connect'>): Promise<PostgresDatabase> {
  const name = `test_${randomUUID().slice(0, 8)}`;
  await using client = await connect();
  await client.query(`CREATE DATABASE ${name}`);
  return {
    name,
    url: url(name),
    address: address(name),
    connect: () => connect(name),
    async [Symbol.asyncDispose]() {
      await using last = await connect();
      await last.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function connected(connectionString: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString });
  // A server that a test ends cuts its connections, which a statement in progress tells by itself.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
