import { readDatabase } from '../consent.ts';
import { queryText } from '../text/query.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'query',
  question: ({ given }) => ({
    kind: 'query',
    environment: given.required(0),
    database: readDatabase(given),
    sql: given.required(1),
  }),
  text: queryText,
});
