export type { Run, Session, SessionOptions, StartOptions } from './session/types.ts';
export { openSession } from './session/open.ts';
