import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { readSelection } from '../consent.ts';
import { toJson } from '../output/json.ts';
import { planText } from '../text/plan.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'plan',
  question: ({ given, cwd }) => {
    const planFile = given.value('plan');
    return {
      kind: 'plan',
      environment: given.required(0),
      selection: readSelection(given),
      planFile: planFile === undefined ? undefined : resolve(cwd, planFile),
    };
  },
  text: planText,
  also: async (report, { given, cwd }) => {
    const out = given.value('out');
    if (out !== undefined) await writePlan(resolve(cwd, out), `${toJson(report)}\n`);
  },
});

/** Writes a plan where the person asked for it; one that is there already is replaced. */
export async function writePlan(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new MigrateError(
      'usage',
      `The plan cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { next: 'Name a file in a folder that exists and can be written.', cause: error },
    );
  }
}
