import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from './program.ts';
import type { SmallProject } from './small-project.ts';

/** The first run waits in its hook, with the lock held and no transaction open; later ones pass. */
export function waitsBeforeApply(project: SmallProject): void {
  mkdirSync(join(project.root, 'gate'), { recursive: true });
  writeFileSync(
    join(project.root, 'wait.cjs'),
    `const fs = require('node:fs');
    try { fs.mkdirSync('gate/first'); } catch { process.exit(0); }
    const look = () => { if (fs.existsSync('gate/go')) process.exit(0); };
    fs.watch('gate', look);
    look();`,
  );
  project.configure({ hooks: { beforeApply: `${JSON.stringify(process.execPath)} wait.cjs` } });
}

/** Resolves when a run waits in its hook: that the hook begins is told before it does. */
export async function atGate({ root }: SmallProject): Promise<void> {
  const arrived = Promise.withResolvers<void>();
  const look = () => {
    if (existsSync(join(root, 'gate/first'))) arrived.resolve();
  };
  const watcher = watch(join(root, 'gate'), look);
  look();
  await arrived.promise.finally(() => watcher.close());
}

/** Lets the run that waits go on. */
export function goOn({ root }: SmallProject): void {
  writeFileSync(join(root, 'gate/go'), '');
}

export const isHook = ({ kind, step }: Line) => kind === 'step-started' && step === 'hook';
