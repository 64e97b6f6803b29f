import type { D1Statement } from './d1-engine.ts';
import { readsOnly } from '../../src/engines/read-only.ts';

export type D1Endpoint =
  | 'accounts'
  | 'token'
  | 'list'
  | 'create'
  | 'get'
  | 'delete'
  | 'query'
  | 'raw'
  | 'export'
  | 'import'
  | 'bookmark'
  | 'restore'
  | 'upload'
  | 'download'
  | 'unknown';

/** Which call a request is, and of which account and database it speaks. */
export interface D1Call {
  readonly endpoint: D1Endpoint;
  readonly account?: string;
  /** Id or name. */
  readonly database?: string;
}

/** @param path below the API's base, without its query */
export function callOf(method: string, path: string): D1Call {
  const [, first, account = '', ...rest] = path.split('/').map((part) => decodeURIComponent(part));
  if (first === 'accounts' && account === '') return { endpoint: 'accounts' };
  if (path === '/user/tokens/verify') return { endpoint: 'token' };
  if (first === 'upload' || first === 'download') return { endpoint: first };
  const [product, kind, database, ...action] = rest;
  if (first !== 'accounts' || product !== 'd1' || kind !== 'database') return { endpoint: 'unknown' };
  const known = calls[`${method} ${database === undefined ? '' : '/'}${action.join('/')}`];
  return { endpoint: known ?? 'unknown', account, ...(database === undefined ? {} : { database }) };
}

const calls: Readonly<Record<string, D1Endpoint>> = {
  'GET ': 'list',
  'POST ': 'create',
  'GET /': 'get',
  'DELETE /': 'delete',
  'POST /query': 'query',
  'POST /raw': 'raw',
  'POST /export': 'export',
  'POST /import': 'import',
  'GET /time_travel/bookmark': 'bookmark',
  'POST /time_travel/restore': 'restore',
};

/** Whether a call can change a database. */
export function effectOf(endpoint: D1Endpoint, statements: readonly D1Statement[]): 'read' | 'write' {
  switch (endpoint) {
    case 'query':
    case 'raw':
      return statements.every(({ sql }) => readsOnly(sql)) ? 'read' : 'write';
    case 'create':
    case 'delete':
    case 'import':
    case 'restore':
      return 'write';
    default:
      return 'read';
  }
}
