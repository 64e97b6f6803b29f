import { hostname } from 'node:os';

/** What `pg_stat_activity` shows: a session that outlives its program is known by it. The server keeps 63 bytes. */
export function sessionName({ pid, host }: { readonly pid: number; readonly host: string }): string {
  return `migrate-tui ${pid}@${host}`.slice(0, 63);
}

/** The `application_name` of this process. */
export function ownName(): string {
  return sessionName({ pid: process.pid, host: hostname() });
}
