import { accountNames, tokenNames } from '../addresses/cloudflare.ts';
import { firstOf, variableLayers, type Variables } from '../dotenv.ts';
import { nearestWrangler } from '../find.ts';
import { localId } from '../miniflare-path.ts';
import type { Address, Target } from '../project.ts';
import { remoteName } from '../addresses/resolve-d1.ts';
import { localBlock } from '../wrangler/blocks.ts';
import { readWranglerConfig, type WranglerConfig, type WranglerD1 } from '../wrangler/config.ts';
import { blocksOf } from '../wrangler/databases.ts';

type D1Address = Extract<Address, { readonly kind: 'd1-local' | 'd1-remote' }>;

/** A value as the configuration will have it: a text, or the name of a variable. */
export type Written =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'variable'; readonly name: string };

/** The keys of a D1 target that leads where `target` leads, so that the project reads the same afterwards. */
export type WrittenD1 = Readonly<
  Partial<Record<'d1' | 'd1Local' | 'wranglerEnv' | 'account' | 'token', Written>>
>;

interface Around {
  readonly root: string;
  readonly env: Variables;
}

/** The wrangler configuration that the project was found with. */
export function wranglerOf(root: string): WranglerConfig | undefined {
  const file = nearestWrangler(root);
  return file === undefined ? undefined : readWranglerConfig(file);
}

/** How `init` writes a target at Cloudflare or in miniflare's state. */
export function writtenD1(
  target: Target & { readonly address: D1Address },
  wrangler: WranglerConfig | undefined,
  around: Around,
): WrittenD1 {
  return target.address.kind === 'd1-local'
    ? { d1Local: text(bindingOf(target.address.id, wrangler) ?? target.database) }
    : writtenRemote(target.environment, target.address, wrangler, around);
}

/** How `init` writes a target that wrangler knows and that has no credentials yet; undefined when it does not know it. */
export function writtenWithoutCredentials(
  { environment, database }: Target,
  wrangler: WranglerConfig | undefined,
): WrittenD1 | undefined {
  const block = environment === 'remote' ? wrangler?.top : wrangler?.environments.get(environment);
  const d1 = block?.databases.find(({ binding }) => binding === database);
  return d1 === undefined ? undefined : { d1: text(callIt(d1)), ...wranglerEnv(environment, wrangler) };
}

function bindingOf(id: string, wrangler: WranglerConfig | undefined): string | undefined {
  if (wrangler === undefined) return undefined;
  const blocks = [localBlock(wrangler)?.block, ...blocksOf(wrangler).map(([, block]) => block)];
  return blocks.flatMap((block) => block?.databases ?? []).find((d1) => localId(d1) === id)?.binding;
}

function writtenRemote(
  environment: string,
  address: Extract<D1Address, { readonly kind: 'd1-remote' }>,
  wrangler: WranglerConfig | undefined,
  { root, env }: Around,
): WrittenD1 {
  const layers = variableLayers(root, environment, env);
  const named = wranglerEnv(environment, wrangler);
  const block = named.wranglerEnv === undefined ? wrangler?.top : wrangler?.environments.get(environment);
  const d1 = block?.databases.find((one) => remoteName({ d1: one, block }, one.binding) === address.database);
  const account = block?.account ?? firstOf(layers, accountNames);
  const token = address.credentials.kind === 'token' ? address.credentials.token.reveal() : undefined;
  return {
    d1:
      d1 === undefined
        ? (variableWith(layers, address.database) ?? text(address.database))
        : text(callIt(d1)),
    ...named,
    ...(address.account === undefined || address.account === account
      ? {}
      : { account: variableWith(layers, address.account) ?? text(address.account) }),
    ...(token === undefined || token === firstOf(layers, tokenNames)
      ? {}
      : { token: variableWith(layers, token) ?? variable('CLOUDFLARE_API_TOKEN') }),
  };
}

function wranglerEnv(
  environment: string,
  wrangler: WranglerConfig | undefined,
): { readonly wranglerEnv?: Written } {
  return wrangler?.environments.has(environment) ? { wranglerEnv: text(environment) } : {};
}

/** What people call it: its name, which the id beside it in wrangler's configuration follows. */
function callIt({ name, id, binding }: WranglerD1): string {
  return name || id || binding;
}

function variableWith(layers: readonly Variables[], value: string): Written | undefined {
  const merged: Variables = Object.assign({}, ...layers.toReversed());
  const found = Object.keys(merged).find((name) => merged[name] === value && /^[A-Za-z_]\w*$/.test(name));
  return found === undefined ? undefined : variable(found);
}

function text(value: string): Written {
  return { kind: 'text', text: value };
}

function variable(name: string): Written {
  return { kind: 'variable', name };
}
