import type { PostgresAddress } from '../../engines/address.ts';
import type { Variables } from '../dotenv.ts';
import { serverAddress } from '../addresses/postgres-url.ts';

/** How `init` writes a server, so that no password stands in the file and the project reads the same afterwards. */
export type WrittenPostgres =
  /** The URL itself: nothing in it is secret. */
  | { readonly uses: 'text'; readonly url: string }
  /** The name of a variable that holds the whole URL. */
  | { readonly uses: 'variable'; readonly url: string }
  /** The URL, and the name of a variable that holds the password. */
  | { readonly uses: 'password'; readonly url: string; readonly password: string };

export function writtenPostgres(
  { url, password }: PostgresAddress,
  { variables, prefix }: { readonly variables: Variables; readonly prefix: string },
): WrittenPostgres {
  const secret = password?.reveal();
  const whole = nameOf(variables, (value) => {
    const there = serverAddress(value, { variables });
    return there?.kind === 'postgres' && there.url === url && there.password?.reveal() === secret;
  });
  if (whole !== undefined) return { uses: 'variable', url: whole };
  // libpq's own variable is looked at by itself.
  if (secret === undefined || secret === variables['PGPASSWORD']) return { uses: 'text', url };
  const held = nameOf(variables, (value) => value === secret);
  return held === undefined
    ? { uses: 'variable', url: `${prefix}URL` }
    : { uses: 'password', url, password: held };
}

function nameOf(variables: Variables, fits: (value: string) => boolean): string | undefined {
  return Object.entries(variables).find(
    ([name, value]) => value && /^[A-Za-z_]\w*$/.test(name) && fits(value),
  )?.[0];
}
