import type { Address, Environment } from '../project/project.ts';

/**
 * How one target of an environment is rehearsed: only a database at Cloudflare can be rehearsed inside itself, and only
 * where it may be written to. The others are rehearsed in full.
 */
export function rehearsalOf(
  { rehearse, readOnly }: Pick<Environment, 'rehearse' | 'readOnly'>,
  { kind }: Pick<Address, 'kind'>,
): Environment['rehearse'] {
  return rehearse === 'in-target' && (kind !== 'd1-remote' || readOnly) ? 'full' : rehearse;
}
