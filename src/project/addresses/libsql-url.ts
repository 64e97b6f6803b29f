import { resolve } from 'node:path';
import { Secret } from '../../lib/secret.ts';
import type { Address } from '../project.ts';

/**
 * Where a URL points, as @libsql/client reads it. `file:` paths are relative to `folder`. A token in the
 * query moves out of the URL. Undefined for a URL of another kind; `{ problem }` for one that cannot be meant.
 */
export function libsqlAddress(
  url: string,
  { folder, authToken }: { readonly folder: string; readonly authToken: string | undefined },
): Address | { readonly kind: 'problem'; readonly problem: string } | undefined {
  if (url === ':memory:' || url === 'file::memory:') return { kind: 'libsql-memory' };
  if (url.startsWith('file:')) return fileAddress(url, folder);
  if (!/^(?:libsql|https?|wss?):/i.test(url)) return undefined;
  if (!URL.canParse(url)) return { kind: 'problem', problem: 'it is not a URL' };
  const parsed = new URL(url);
  if (parsed.host === '') return { kind: 'problem', problem: 'it names no host' };
  const inUrl =
    parsed.searchParams.get('authToken') ?? (parsed.password === '' ? undefined : parsed.password);
  parsed.searchParams.delete('authToken');
  parsed.username = '';
  parsed.password = '';
  const token = authToken ?? inUrl;
  const bare = parsed.search === '' && parsed.pathname === '/' ? parsed.href.replace(/\/$/, '') : parsed.href;
  return {
    kind: 'libsql-remote',
    url: bare,
    authToken: token === undefined || token === '' ? undefined : new Secret(token),
  };
}

function fileAddress(
  url: string,
  folder: string,
): Address | { readonly kind: 'problem'; readonly problem: string } {
  const [withoutQuery = '', query] = url.slice('file:'.length).split('?');
  if (query !== undefined) return { kind: 'problem', problem: 'a file: URL takes no query' };
  const [, host, path = withoutQuery] = /^\/\/([^/]*)(\/.*)?$/.exec(withoutQuery) ?? [
    undefined,
    '',
    withoutQuery,
  ];
  if (host !== '' && host !== 'localhost') {
    return {
      kind: 'problem',
      problem: `"${host}" after // is read as a host; a path has one slash or three`,
    };
  }
  if (path === '') return { kind: 'problem', problem: 'it names no file' };
  try {
    return { kind: 'libsql-file', path: resolve(folder, decodeURIComponent(path)) };
  } catch {
    return { kind: 'problem', problem: 'its % signs are not followed by two hexadecimal digits' };
  }
}
