import { MigrateError } from '../../lib/errors.ts';
import type { Consent } from '../../operations/change.ts';
import type { Environment } from '../../project/project.ts';

export interface AskedConsent {
  readonly consent: Consent;
  readonly environment: Environment;
  /** What would be done, in whole sentences. */
  readonly says: string;
  /** The command line, without flags of consent. */
  readonly command: string;
}

/**
 * For a change that has no rehearsal to look at: `--yes`, and the environment's name where it is protected.
 *
 * @throws MigrateError `not-confirmed` with what would be done and the command that does it
 */
export function refuseUnconfirmed({ consent, environment, says, command }: AskedConsent): void {
  const { name } = environment;
  const named = !environment.protected || consent.confirm?.environment === name;
  if (consent.yes === 'given' && named) return;
  const flags = environment.protected ? `--yes --confirm ${name}` : '--yes';
  throw new MigrateError('not-confirmed', `${says} Nobody agreed to that yet, and nothing was changed.`, {
    next: `A backup of the present state is taken first. Run: ${command} ${flags}`,
  });
}

/**
 * What nobody can prove is done only when a person answers for it by name.
 *
 * @throws MigrateError `not-confirmed` unless each tag is accepted under the rule
 */
export function refuseUnaccepted({
  consent,
  rule,
  tags,
  says,
  command,
}: Pick<AskedConsent, 'consent' | 'says' | 'command'> & {
  readonly rule: string;
  readonly tags: readonly string[];
}): void {
  const open = tags.filter(
    (tag) => !consent.accept.some((given) => given.rule === rule && given.tag === tag),
  );
  if (open.length === 0) return;
  const named = open.map((tag) => `--accept ${rule}:${tag}`).join(' ');
  throw new MigrateError(
    'not-confirmed',
    `${says} It needs to be answered for by name. Nothing was changed.`,
    {
      next: `Look at the database first, then run: ${command} --yes ${named} --reason '…'`,
    },
  );
}
