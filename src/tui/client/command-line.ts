import { join } from 'node:path';
import { packageRoot } from '../../lib/package-root.ts';
import type { ScreenOptions } from '../screen-options.ts';
import { openClient, type Client } from './client.ts';

/** The command line of this very package, with the flags that the screen was started with. */
export function openCommandLine({ cwd, project, config, showValues }: ScreenOptions): Client {
  return openClient({
    command: [process.execPath, join(packageRoot(), 'bin', 'migrate-tui.js')],
    flags: [
      ...(project === undefined ? [] : ['--project', project]),
      ...(config === undefined ? [] : ['--config', config]),
      ...(showValues === 'show' ? ['--show-values'] : []),
    ],
    cwd,
    env: process.env,
  });
}
