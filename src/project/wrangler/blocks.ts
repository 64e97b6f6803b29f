import type { WranglerBlock, WranglerConfig, WranglerD1 } from './config.ts';

/**
 * The block that `wrangler dev` runs on this machine: `env.local` when there is one, else the top level; where
 * that has no database, the block that is named for development, else the first that has one.
 */
export function localBlock(
  config: WranglerConfig,
): { readonly name: string | undefined; readonly block: WranglerBlock } | undefined {
  const blocks = [...config.environments].filter(([, { databases }]) => databases.length > 0);
  const named = (pattern: RegExp) => blocks.find(([name]) => pattern.test(name));
  const top = [undefined, config.top] as const;
  const found =
    named(/^local$/) ?? (config.top.databases.length > 0 ? top : (named(/^dev(?:elopment)?$/i) ?? blocks[0]));
  return found === undefined ? undefined : { name: found[0], block: found[1] };
}

/** The id that Cloudflare could know; templates bring one that stands for it. */
export function realId({ id }: WranglerD1): string | undefined {
  return id && !isPlaceholder(id) ? id : undefined;
}

function isPlaceholder(id: string): boolean {
  if (/^[0-]+$/.test(id)) return true;
  return !/^[\da-f]{8}(?:-?[\da-f]{4}){3}-?[\da-f]{12}$/i.test(id) && placeholder.test(id);
}

const placeholder = /^local\b|\blocal$|placeholder|your|replace|change|todo|example|x{3}|[<>{}$\s]/i;

/** The name under which wrangler makes and finds a database that its configuration does not name. */
export function provisionedName(worker: string | undefined, binding: string): string | undefined {
  return worker ? `${worker}-${binding.toLowerCase().replaceAll('_', '-')}` : undefined;
}
