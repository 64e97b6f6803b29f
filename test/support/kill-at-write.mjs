// Preloaded into a program: kills it just before its nth change of files below a folder, n from the environment.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const nth = Number(process.env.KILL_AT_WRITE);
const below = process.env.KILL_BELOW ?? '';
/** Further calls that count, such as `open`. */
const also = process.env.KILL_ALSO?.split(',') ?? [];
let seen = 0;

function counted(host, name) {
  const original = host[name];
  host[name] = function (...args) {
    if (args.some((path) => typeof path === 'string' && path.startsWith(below))) {
      seen += 1;
      if (seen === nth) process.kill(process.pid, 'SIGKILL');
    }
    return original.apply(this, args);
  };
}

for (const name of ['renameSync']) counted(fs, name);
for (const name of ['rm', 'cp', 'writeFile', 'rename', 'mkdir', 'rmdir', ...also]) counted(fs.promises, name);
syncBuiltinESMExports();
