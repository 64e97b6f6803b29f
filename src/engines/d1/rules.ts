export { d1Limits, refusedByD1, refusedFunctions } from '../../sql/d1-rules.ts';
