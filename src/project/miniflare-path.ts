import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { WranglerD1 } from './wrangler/config.ts';

/** What wrangler tells the local database of a binding by: a changed id leads to another file. */
export function localId({ binding, id, previewId }: WranglerD1): string {
  return previewId ?? id ?? binding;
}

/**
 * The file in which miniflare keeps a D1 database. `state` is wrangler's folder of local state:
 * `.wrangler/state` beside its configuration, or what `--persist-to` names.
 */
export function miniflarePath(state: string, id: string): string {
  return join(state, 'v3', 'd1', className, `${objectName(id)}.sqlite`);
}

/** Wrangler's own folder of local state, beside its configuration. */
export function stateFolder(folder: string): string {
  return join(folder, '.wrangler', 'state');
}

const className = 'miniflare-D1DatabaseObject';

/** The id that workerd derives for a Durable Object of that name: a digest, and a check of it that only its class can make. */
function objectName(id: string): string {
  const key = createHash('sha256').update(className).digest();
  const digest = (data: string | Buffer) => createHmac('sha256', key).update(data).digest().subarray(0, 16);
  const name = digest(id);
  return Buffer.concat([name, digest(name)]).toString('hex');
}
