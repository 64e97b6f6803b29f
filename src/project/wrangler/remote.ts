import { basename } from 'node:path';
import { d1Remote, type D1Lent } from '../addresses/cloudflare.ts';
import { namedByEnvironment } from '../addresses/d1-database-names.ts';
import { firstOf, ownLayers, variableLayers, type Variables } from '../dotenv.ts';
import type { Address, Database, Target } from '../project.ts';
import type { DrizzleReading } from '../drizzle/read.ts';
import { provisionedName, realId } from './blocks.ts';
import type { WranglerBlock, WranglerD1 } from './config.ts';

/** What a part of a wrangler configuration amounts to. */
export interface FoundTargets {
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
}

/** A binding in one block, at Cloudflare. */
interface Use {
  /** Absolute path of the wrangler configuration. */
  readonly file: string;
  readonly database: Database;
  readonly d1: WranglerD1;
  /** Undefined: the top level. */
  readonly name: string | undefined;
  readonly block: WranglerBlock;
}

interface Around {
  /** Absolute path of the project's folder. */
  readonly root: string;
  readonly env: Variables;
  /** The Drizzle configurations for the same folders. */
  readonly lenders: readonly DrizzleReading[];
}

/**
 * The target of a binding in one block. For the top level there is none when only a name is known: it is
 * what "wrangler dev" runs on.
 */
export function remoteTarget(use: Use, { root, env, lenders }: Around): FoundTargets {
  const { d1, name, block, database } = use;
  const environment = name ?? 'remote';
  const layers = variableLayers(root, environment, env);
  // What is set for every environment must not lead staging and production to one database.
  const own = name === undefined ? layers : ownLayers(root, name);
  const lent = lentTo(name, database, lenders);
  const asked = askedFor(use, own, lent);
  const target = (address: Address): Target => ({ environment, database: database.name, address });
  if (asked === undefined)
    return { targets: name === undefined ? [] : [target(nameless(use, name))], notes: [] };
  const address = d1Remote({ ...asked, account: block.account, token: undefined, lent }, { root, layers });
  const led = `${asked.variable} leads ${d1.binding} of ${environment} to ${asked.database}.`;
  return { targets: [target(address)], notes: asked.variable === undefined ? [] : [led] };
}

interface Asked {
  readonly database: string;
  readonly name: string | undefined;
  readonly variable: string | undefined;
}

/** What the API is asked for, with the variable that said so; undefined when there is neither id nor name. */
function askedFor(
  { d1, name, block }: Use,
  own: readonly Variables[],
  lent: D1Lent | undefined,
): Asked | undefined {
  const bindings = block.databases.map(({ binding }) => binding);
  const named = namedByEnvironment(d1.binding, bindings, own);
  if (named !== undefined) return { ...named, name: undefined };
  const known = realId(d1) ?? (name === undefined ? undefined : d1.name);
  const only = bindings.length === 1 ? firstOf(own, ['CLOUDFLARE_DATABASE_ID']) : undefined;
  const made = name === undefined ? undefined : provisionedName(block.worker, d1.binding);
  const database = known ?? lent?.database ?? only ?? made;
  if (database === undefined) return undefined;
  return { database, name: database === d1.id ? d1.name : undefined, variable: undefined };
}

function nameless({ d1: { binding }, file }: Use, block: string): Address {
  return {
    kind: 'unavailable',
    like: 'd1-remote',
    shown: 'D1 without a name',
    why: `${binding} of env.${block} in ${basename(file)} has neither database_id nor database_name, and the worker has no name. Add one of them.`,
  };
}

/** What a Drizzle configuration for the same folder knows: the one of that environment, else the plain one. */
function lentTo(
  name: string | undefined,
  database: Database,
  lenders: readonly DrizzleReading[],
): D1Lent | undefined {
  const fits = (environment: string | undefined) =>
    lenders
      .flatMap((reading) =>
        reading.kind === 'read' &&
        reading.environment === environment &&
        reading.config.directory === database.directory &&
        reading.config.d1 !== undefined
          ? [reading.config.d1]
          : [],
      )
      .at(0);
  const own = fits(name ?? 'remote');
  const plain = fits(undefined);
  if (own !== undefined || plain === undefined) return own;
  // The plain one names one database, which is not that of every environment.
  return name === undefined ? plain : { ...plain, database: undefined };
}
