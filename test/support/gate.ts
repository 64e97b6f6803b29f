import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { SmallProject } from './small-project.ts';

/** A hook of one environment that says that it was reached, and goes on when it is let. */
export interface Gate {
  readonly hook: string;
  isReached(): boolean;
  /** Waits for a run to stand at it. */
  reached(): Promise<void>;
  open(): void;
}

export function gate(project: SmallProject, hook: string, environment: string): Gate {
  const reached = join(project.root, 'reached');
  const open = join(project.root, 'open');
  // It ends with the project's folder, too: a test that fails half-way leaves nothing that waits.
  const wait = `touch '${reached}'; while [ -e '${reached}' ] && [ ! -e '${open}' ]; do sleep 0.05; done`;
  project.configure({ hooks: { [hook]: { [environment]: wait } } });
  const isReached = () => existsSync(reached);
  return {
    hook,
    isReached,
    reached: async () => {
      while (!isReached()) await setTimeout(20);
    },
    open: () => writeFileSync(open, ''),
  };
}
