// What a careful script does, step after step: one-step copy, fsync, checksum, quick_check. argv: from, to.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';

const [from = '', to = ''] = process.argv.slice(2);
const source = new DatabaseSync(from, { readOnly: true });
await backup(source, to, { rate: 2_147_483_647 });
source.close();
const file = await open(to, 'r+');
await file.sync();
await file.close();
const hash = createHash('sha256');
for await (const chunk of createReadStream(to, { highWaterMark: 1 << 20 })) hash.update(chunk);
const copy = new DatabaseSync(to, { readOnly: true });
const [{ quick_check: verdict } = { quick_check: 'nothing' }] = copy.prepare('PRAGMA quick_check').all();
copy.close();
if (verdict !== 'ok') throw new Error(`${to} is not whole.`);
process.stdout.write(`${hash.digest('hex')}\n`);
