import { basename, dirname, resolve } from 'node:path';
import { Secret } from '../../lib/secret.ts';
import { d1Remote } from './cloudflare.ts';
import type { Variables } from '../dotenv.ts';
import { localId, miniflarePath, stateFolder } from '../miniflare-path.ts';
import type { ParsedTarget } from '../config/parse.ts';
import type { Address } from '../project.ts';
import { isReference } from '../evaluation/references.ts';
import { inside, bad, unknownName, type Place } from '../config/shape.ts';
import { localBlock, provisionedName, realId } from '../wrangler/blocks.ts';
import type { WranglerBlock, WranglerConfig, WranglerD1 } from '../wrangler/config.ts';
import { blocksOf } from '../wrangler/databases.ts';

type Remote = Extract<ParsedTarget, { readonly kind: 'd1' }>;
type Local = Extract<ParsedTarget, { readonly kind: 'd1-local' }>;

/** What a D1 target of our configuration is resolved with. */
export interface D1Around {
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** The variables of the environment, the first place to win. */
  readonly layers: readonly Variables[];
  readonly environment: string;
  /** The wrangler configuration that is nearest to the database's migrations. */
  readonly wrangler: WranglerConfig | undefined;
}

/** Reads a text of the configuration: itself, or what its `env:NAME` is set to. */
export type ValueOf = (text: string | undefined) => string | undefined;

/**
 * `{ d1: '<name or id>' }`: a database that a wrangler configuration knows brings its id and account, any
 * other goes to the API as it is. Throws `config` for a `wranglerEnv` that there is not.
 */
export function resolveD1(target: Remote, at: Place, around: D1Around, valueOf: ValueOf): Address {
  const name = valueOf(target.database) ?? '';
  const block = blockOf(target, at, around.wrangler);
  const found = knownAs(name, block, around.wrangler);
  const token = valueOf(target.token);
  return d1Remote(
    {
      ...(found === undefined ? { database: name, name: undefined } : calledRemotely(found, name)),
      account: valueOf(target.account) ?? (found?.block ?? block ?? around.wrangler?.top)?.account,
      token: token === undefined ? undefined : new Secret(token),
      lent: undefined,
    },
    around,
  );
}

/** `{ d1Local: '<binding>' }`: miniflare's file. Throws `config` for a binding that there is not. */
export function resolveD1Local(
  target: Local,
  at: Place,
  { root, wrangler }: D1Around,
  valueOf: ValueOf,
): Address {
  const binding = valueOf(target.binding) ?? '';
  const here = dirname(at.file);
  const persistTo = valueOf(target.persistTo);
  const state = persistTo === undefined ? stateFolder(wrangler?.folder ?? here) : resolve(here, persistTo);
  const found = knownLocally(binding, inside(at, 'd1Local'), wrangler);
  const id = found === undefined ? binding : localId(found);
  const name = found?.name ?? found?.binding ?? binding;
  return { kind: 'd1-local', path: miniflarePath(state, id), id, name, root };
}

interface Known {
  readonly d1: WranglerD1;
  readonly block: WranglerBlock;
}

function blockOf(
  { wranglerEnv }: Remote,
  at: Place,
  wrangler: WranglerConfig | undefined,
): WranglerBlock | undefined {
  if (wranglerEnv === undefined) return undefined;
  const place = inside(at, 'wranglerEnv');
  if (wrangler === undefined)
    throw bad(
      place,
      `names env.${wranglerEnv}, but there is no wrangler configuration`,
      `Remove wranglerEnv in ${at.file}; the name or id alone is enough.`,
    );
  const block = wrangler.environments.get(wranglerEnv);
  if (block !== undefined) return block;
  const names = [...wrangler.environments.keys()];
  throw unknownName(place, `environment of ${basename(wrangler.file)}`, wranglerEnv, names);
}

/** By name or id in the block that is named; without one in all, the top level first, and there by its binding, too. */
function knownAs(
  name: string,
  block: WranglerBlock | undefined,
  wrangler: WranglerConfig | undefined,
): Known | undefined {
  if (wrangler === undefined) return undefined;
  const blocks = block === undefined ? blocksOf(wrangler).map(([, each]) => each) : [block];
  const all = blocks.flatMap((each) => each.databases.map((d1) => ({ d1, block: each })));
  return (
    all.find(({ d1 }) => d1.name === name || d1.id === name || d1.previewId === name) ??
    all.find((known) => known.d1.binding === name && known.block === (block ?? wrangler.top))
  );
}

function calledRemotely(known: Known, given: string) {
  const database = remoteName(known, given);
  return { database, name: database === known.d1.id ? known.d1.name : undefined };
}

/** What the API is asked for; `given` where the configuration has nothing better. */
export function remoteName({ d1, block }: Known, given: string): string {
  if (d1.previewId === given) return given;
  return realId(d1) ?? d1.name ?? provisionedName(block.worker, d1.binding) ?? given;
}

/** As `wrangler dev` sees it, which runs one block; a binding that only others have is theirs. */
function knownLocally(
  binding: string,
  at: Place,
  wrangler: WranglerConfig | undefined,
): WranglerD1 | undefined {
  if (wrangler === undefined) return undefined;
  const blocks = [localBlock(wrangler)?.block, ...blocksOf(wrangler).map(([, block]) => block)];
  const databases = blocks.flatMap((block) => block?.databases ?? []);
  const found = databases.find((d1) => d1.binding === binding) ?? databases.find((d1) => d1.name === binding);
  if (found !== undefined || databases.length === 0) return found;
  const known = [...new Set(databases.map((d1) => d1.binding))];
  throw unknownName(at, `binding of ${basename(wrangler.file)}`, binding, known);
}

/** Every text of a D1 target, for the one that refers to a variable that is not set. */
export function textsOf(target: Remote | Local): readonly string[] {
  const texts: readonly (string | undefined)[] =
    target.kind === 'd1'
      ? [target.database, target.account, target.token]
      : [target.binding, target.persistTo];
  return texts.flatMap((text) => (text !== undefined && isReference(text) ? [text] : []));
}
