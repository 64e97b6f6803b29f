import { openDump } from '../../../../src/engines/postgres/copy/dump-reader.ts';
import { replaceContent } from '../../../../src/engines/postgres/copy/restore.ts';
import { openServerSession } from '../../../../src/engines/postgres/server-session.ts';
import { Secret } from '../../../../src/lib/secret.ts';

// Puts a copy in place of what is in a database, and says when all of it is there but the commit.
const [url = '', password = '', copy = ''] = process.argv.slice(2);
await using session = await openServerSession({ url, password: new Secret(password) });
await using dump = await openDump(copy);
await replaceContent(session, dump, {
  rights: 'left-out',
  fence: [],
  prepare: [],
  check: async () => {
    process.stdout.write('ready\n');
    await new Promise(() => setInterval(() => undefined, 1000));
  },
});
