import { readDatabases } from '../consent.ts';
import { verifyText } from '../text/verify.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'verify',
  question: ({ given }) => ({
    kind: 'verify',
    environment: given.required(0),
    databases: readDatabases(given),
  }),
  text: verifyText,
  exitCode: ({ equal }) => (equal ? 0 : 3),
});
