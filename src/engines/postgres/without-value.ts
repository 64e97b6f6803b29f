import { raisedGuard } from '../../sql/guard.ts';

/**
 * What PostgreSQL says of a failure, without the value in it: in class 22 (data exceptions) a quoted text is the value
 * that did not fit, from its first quote to its last. A guard raises such an error too, and its text is ours.
 *
 * @param code the SQLSTATE
 */
export function withoutValue(code: string, message: string): string {
  return code.startsWith('22') && !raisedGuard(message)
    ? message.replace(/["»«„“].*["»«“”]/su, '"•••"')
    : message;
}
