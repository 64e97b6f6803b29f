import { isLoopback } from '../lib/loopback.ts';
import { Secret } from '../lib/secret.ts';
import { variablesFor, type Variables } from './dotenv.ts';

/** Where messages go that a variable names; the whole of the address is a secret, its host is not. */
export type Webhook =
  | { readonly kind: 'usable'; readonly url: Secret; readonly host: string }
  | { readonly kind: 'unusable'; /** A clause, without the address. */ readonly why: string };

/**
 * Reads the address of a webhook from its variable, as an environment sees it.
 *
 * @param variable its name
 */
export function webhookOf(
  variable: string,
  {
    root,
    environment,
    env,
  }: { readonly root: string; readonly environment: string; readonly env: Variables },
): Webhook {
  const value = variablesFor(root, environment, env)[variable];
  if (!value) return { kind: 'unusable', why: `${variable} is not set` };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return { kind: 'unusable', why: `${variable} is no https: URL` };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      kind: 'unusable',
      why: `${variable} is an http: URL of another machine, which anybody could read`,
    };
  if (url.username !== '' || url.password !== '')
    return { kind: 'unusable', why: `${variable} has a user or password in its URL` };
  return { kind: 'usable', url: new Secret(url.href), host: url.host };
}
