import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { D1Server } from './d1-server.ts';

/** The real `drizzle-kit migrate` with its `d1-http` driver, whose requests go to a server for tests. */
export interface KitOverHttp {
  /** @returns whether it said that all went well */
  migrate(): Promise<'ok' | 'failed'>;
}

/** @param root of a project with a Drizzle folder `drizzle` */
export function kitOverHttp(root: string, server: D1Server, database: string): KitOverHttp {
  symlinkSync(modules, join(root, 'node_modules'));
  const dbCredentials = {
    accountId: server.account,
    databaseId: server.database(database).uuid,
    token: server.token,
  };
  const config = { dialect: 'sqlite', driver: 'd1-http', out: './drizzle', dbCredentials };
  writeFileSync(join(root, 'drizzle.config.json'), JSON.stringify(config));
  return {
    migrate: async () => {
      const hook = new URL('kit-address.ts', import.meta.url).href;
      const kit = join(modules, 'drizzle-kit/bin.cjs');
      try {
        await promisify(execFile)(
          process.execPath,
          ['--import', hook, kit, 'migrate', '--config', 'drizzle.config.json'],
          { cwd: root, env: { ...process.env, CLOUDFLARE_API_BASE_URL: server.url } },
        );
        return 'ok';
      } catch {
        // It prints no reason.
        return 'failed';
      }
    },
  };
}

const modules = join(packageRoot(), 'node_modules');
