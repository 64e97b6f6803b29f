import type { HookFinder } from '../operations/plan.ts';
import type { Environment, Project } from '../project/project.ts';

/** The project's commands around the steps of one environment. */
export function hooksOf({ hooks }: Project, { name }: Environment): HookFinder {
  return (hook) => {
    const commands = hooks[hook];
    return typeof commands === 'string' ? commands : commands?.[name];
  };
}
