import { readDatabases } from '../consent.ts';
import { runsText } from '../text/runs.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'runs',
  question: ({ given }) => ({ kind: 'runs', environment: given.positionals[0] }),
  narrow: (report, { given }) => {
    const wanted = readDatabases(given);
    if (wanted === undefined) return report;
    return {
      ...report,
      runs: report.runs.filter(({ databases }) => databases.some((name) => wanted.includes(name))),
    };
  },
  text: runsText,
});
