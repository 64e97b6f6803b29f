import { portablePath } from '../../lib/portable-path.ts';
import { shownServer } from '../../project/addresses/postgres-url.ts';
import type { Address } from '../../project/project.ts';

/** An address for people: a file relative to the project where that is shorter, a URL without credentials. */
export function shownAddress(address: Address, root: string): string {
  switch (address.kind) {
    case 'libsql-file': {
      const path = portablePath(root, address.path);
      return path.startsWith('..') ? address.path : path;
    }
    case 'd1-local':
      return `local D1 ${address.name ?? shortId(address.id)}`;
    case 'd1-remote':
      return `D1 ${address.name ?? shortId(address.database)}`;
    case 'libsql-memory':
      return ':memory:';
    case 'libsql-remote': {
      const url = new URL(address.url);
      return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
    }
    case 'postgres':
      return shownServer(address);
    case 'pglite':
      return address.folder === undefined ? 'PGlite in memory' : portablePath(root, address.folder);
    case 'unavailable':
      return address.shown;
  }
}

/** The beginning of an id tells databases apart well enough; names are shown whole. */
function shortId(id: string): string {
  return /^[\da-f]{8}-[\da-f-]{27}$/i.test(id) ? `${id.slice(0, 8)}…` : id;
}
