import { quantity } from '../../lib/numbers.ts';
import type { Context, KnownEnvironment, RequestOf } from '../screen.ts';
import { writeBlocked } from './bookkeeping.ts';
import { askBlocked } from './jobs.ts';

/** The page on which an environment takes what another one has; which one is chosen there. */
export function fetchOf(environment: string, { environments }: Context): RequestOf<'change'> {
  const others = [...environments.values()].filter(({ name }) => name !== environment);
  return {
    screen: 'change',
    environment,
    words: ['resync', environment],
    sources: others.map((other) => ({
      name: other.name,
      words: ['resync', environment, '--from', other.name],
      note: noteOf(other),
      blocked: askBlocked(other),
    })),
  };
}

/** Why an environment is not replaced; undefined: it may be. */
export function fetchBlocked(name: string | undefined, context: Context): string | undefined {
  if (name === undefined) return 'no environment is known yet';
  if (context.environments.get(name)?.protected) return `${name} is protected: it is never replaced`;
  if (context.environments.size < 2) return 'there is no other environment';
  return writeBlocked(name, context);
}

function noteOf({ status, protected: isProtected }: KnownEnvironment): string {
  const states = [...new Set(status?.targets.flatMap(({ state }) => state) ?? [])];
  const applied = status?.targets.reduce((sum, target) => sum + target.applied, 0) ?? 0;
  return [
    ...(isProtected ? ['protected'] : []),
    ...states.filter((state) => state !== 'current'),
    ...(status === undefined ? [] : [`${quantity(applied, 'migration')} applied`]),
  ].join(', ');
}
