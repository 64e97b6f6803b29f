export type { Session } from './session/types.ts';
export { openSession } from './session/open.ts';
