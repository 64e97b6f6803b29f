import { relative } from 'node:path';
import { safe } from '../../lib/safe-text.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { table } from '../output/table.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** `init`: writes a configuration for what was found, and shows where each part came from; with `--print` it only shows. */
export const handle: Handler = async (invocation) => {
  const { given, output, env, cwd } = invocation;
  const { planInit, writeInit } = await import('../../project/init/init.ts');
  const begun = performance.now();
  const project = await inSession(invocation, (session) => Promise.resolve(session.project));
  const plan = planInit(project, env);
  const print = given.has('print');
  if (!print) writeInit(plan);
  const file = relative(cwd, plan.file) || plan.file;
  const message = print ? `${file} was not written.` : `${file} is written.`;
  const tell = toolRun(output);
  if (print) tell({ kind: 'notice', level: 'info', message: plan.content });
  tell({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([
    ...table(
      project.sources.map((source) => [source.file, { text: source.says, as: 'dim' as const }]),
      [{ cut: 'middle' }, { cut: 'end' }],
      output.style,
    ),
    '',
    ...safe(plan.content.trimEnd(), { lines: 'many' }).split('\n'),
    '',
    print
      ? `${shown(message)} ${shown(output.style.command(['init']))} writes it.`
      : `${shown(message)} ${shown(output.style.command(['status']))} reads it.`,
  ]);
  return 0;
};
