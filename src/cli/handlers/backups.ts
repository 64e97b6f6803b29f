import { readDatabases } from '../consent.ts';
import { backupsText } from '../text/backups.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'backups',
  question: ({ given }) => ({ kind: 'backups', environment: given.positionals[0] }),
  narrow: (report, { given }) => {
    const wanted = readDatabases(given);
    if (wanted === undefined) return report;
    const backups = report.backups.filter(({ databases }) =>
      databases.some(({ database }) => wanted.includes(database)),
    );
    return { ...report, backups };
  },
  text: backupsText,
});
