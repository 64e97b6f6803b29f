import { doctorText } from '../text/doctor.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'doctor',
  question: () => ({ kind: 'doctor' }),
  text: doctorText,
  exitCode: ({ checks }) => (checks.some(({ state }) => state === 'problem') ? 3 : 0),
});
