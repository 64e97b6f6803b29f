import type { DoctorReport } from '../operations/reports.ts';
import type { Variables } from './dotenv.ts';
import type { Project, Receiver } from './project.ts';
import { webhookOf } from './webhook.ts';

type Check = DoctorReport['checks'][number];

/** Whether those who are to be told of runs can be; nobody is told for it. */
export function notifyChecks(
  project: Pick<Project, 'root' | 'environments' | 'notify'>,
  env: Variables,
): DoctorReport['checks'] {
  return project.notify.map((receiver) => {
    const { to, on } = receiver;
    if (to.kind === 'command')
      return { check: 'notify', state: 'ok', says: `${to.words[0]} is run: ${on.join(', ')}.` };
    const found = webhooksOf(receiver, to.variable, project, env);
    const wrong = found.filter(({ webhook }) => webhook.kind === 'unusable');
    const hosts = found.flatMap(({ webhook }) => (webhook.kind === 'usable' ? [webhook.host] : []));
    if (wrong.length === 0)
      return { check: 'notify', state: 'ok', says: `${unique(hosts)} is told: ${on.join(', ')}.` };
    return unusable(wrong, found.length);
  });
}

interface Found {
  readonly environment: string;
  readonly webhook: ReturnType<typeof webhookOf>;
}

/** A variable may be another one in each environment. */
function webhooksOf(
  { environments }: Receiver,
  variable: string,
  project: Pick<Project, 'root' | 'environments'>,
  env: Variables,
): readonly Found[] {
  const names = environments ?? project.environments.map(({ name }) => name);
  return names.map((environment) => ({
    environment,
    webhook: webhookOf(variable, { root: project.root, environment, env }),
  }));
}

function unusable(wrong: readonly Found[], all: number): Check {
  const why = unique(wrong.flatMap(({ webhook }) => (webhook.kind === 'unusable' ? [webhook.why] : [])));
  const where = wrong.length === all ? '' : ` for ${wrong.map(({ environment }) => environment).join(', ')}`;
  return {
    check: 'notify',
    state: 'warning',
    says: `${why}${where}: nobody is told of runs there.`,
    next: 'Set it in the environment or in .env; runs go on without it.',
  };
}

function unique(texts: readonly string[]): string {
  return [...new Set(texts)].join(', ');
}
