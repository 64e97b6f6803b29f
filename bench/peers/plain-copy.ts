// A plain consistent copy: one step of SQLite's backup API, then fsync. argv: from, to.
import { open } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';

const [from = '', to = ''] = process.argv.slice(2);
const source = new DatabaseSync(from, { readOnly: true });
await backup(source, to, { rate: 2_147_483_647 });
source.close();
const file = await open(to, 'r+');
await file.sync();
await file.close();
