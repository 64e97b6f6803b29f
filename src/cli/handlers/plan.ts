import { resolve } from 'node:path';
import { readSelection } from '../consent.ts';
import { toJson } from '../output/json.ts';
import { planText } from '../text/plan.ts';
import { writeAsked } from '../write-asked.ts';
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
    if (out !== undefined) await writeAsked('The plan', resolve(cwd, out), `${toJson(report)}\n`);
  },
});
