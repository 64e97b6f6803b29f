import type { HookFinder } from '../operations/plan/plan.ts';
import type { Environment, Project } from '../project/project.ts';

/** The command that fills an environment with rows to work with; undefined where there is none. */
export function seedOf({ seed }: Project, { name }: Environment): string | undefined {
  return typeof seed === 'string' ? seed : seed?.[name];
}

/** The project's commands around the steps of one environment. */
export function hooksOf({ hooks }: Project, { name }: Environment): HookFinder {
  return (hook) => {
    const commands = hooks[hook];
    return typeof commands === 'string' ? commands : commands?.[name];
  };
}
