import type { StatusEnvironment, StatusOpening, StatusReport } from '../../operations/reports.ts';
import type { Context, KnownEnvironment } from '../screen.ts';

/** What is known once the first line came: every name, and that all of them are being asked. */
export function withOpening(context: Context, opening: StatusOpening, now: number): Context {
  const environments = opening.environments.map((environment): [string, KnownEnvironment] => {
    const known = context.environments.get(environment.name);
    return [
      environment.name,
      {
        name: environment.name,
        protected: environment.protected,
        readOnly: environment.readOnly,
        status: known?.status,
        readAt: known?.readAt,
        asking: known?.asking ?? { since: now },
        before: known?.before,
      },
    ];
  });
  const names = opening.databases.map(({ name }) => name);
  const database = names.find((name) => name === context.database) ?? names[0];
  return { ...context, opening, failure: undefined, database, environments: new Map(environments) };
}

/** One or more environments have answered. */
export function withStatus(context: Context, report: StatusReport, now: number): Context {
  const environments = new Map(context.environments);
  for (const status of report.environments) {
    const { name } = status;
    const protection = { protected: status.protected, readOnly: status.readOnly };
    const before = answers(status) ? undefined : lastAnswer(environments.get(name));
    environments.set(name, { name, ...protection, status, readAt: now, asking: 'no', before });
  }
  return { ...context, environments };
}

/** These environments, or all of them, are being asked from now on; what is known of them stays. */
export function asking(context: Context, names: readonly string[] | undefined, now: number): Context {
  return withAsking(context, names, { since: now });
}

/** Nobody is asked any more: the child that asked has ended. */
export function answered(context: Context, names: readonly string[] | undefined): Context {
  return withAsking(context, names, 'no');
}

function withAsking(
  context: Context,
  names: readonly string[] | undefined,
  value: KnownEnvironment['asking'],
): Context {
  const environments = new Map(context.environments);
  for (const [name, known] of environments) {
    if (names === undefined || names.includes(name)) environments.set(name, { ...known, asking: value });
  }
  return { ...context, environments };
}

function answers({ targets }: StatusEnvironment): boolean {
  return targets.some(({ state }) => !state.includes('unreachable'));
}

function lastAnswer(known: KnownEnvironment | undefined): KnownEnvironment['before'] {
  if (known?.status === undefined || known.readAt === undefined) return undefined;
  return answers(known.status) ? { status: known.status, readAt: known.readAt } : known.before;
}
