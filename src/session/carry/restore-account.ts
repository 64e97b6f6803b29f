import type { Account } from '../../operations/consent/account.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import type { Environment } from '../../project/project.ts';
import { confirmFor } from './plain-consent.ts';

/** What a backup would take the place of; also where it is a way out. */
export function accountOfRestore(
  environment: Environment,
  {
    databases,
    plan,
    ...told
  }: Pick<Account, 'operation' | 'says' | 'words'> & {
    readonly databases: readonly string[];
    readonly plan: Plan;
  },
): Account {
  return {
    ...told,
    environment: environment.name,
    protected: environment.protected,
    databases: databases.map((database) => ({ database, writes: undefined, loses: undefined })),
    steps: plannedSteps(plan),
    destroys: true,
    consent: { confirm: confirmFor(environment), accept: [] },
  };
}
