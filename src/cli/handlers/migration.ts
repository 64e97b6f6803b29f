import { readDatabase } from '../consent.ts';
import { migrationText } from '../text/migration.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'migration',
  question: ({ given }) => ({ kind: 'migration', tag: given.required(0), database: readDatabase(given) }),
  text: migrationText,
});
