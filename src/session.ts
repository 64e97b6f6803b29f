export type { Repair } from './session/repair/repair.ts';
export type { Session } from './session/types.ts';
export { openSession } from './session/open.ts';
