import { codeOf } from '../../../lib/error-code.ts';
import { MigrateError, runAgain } from '../../../lib/errors.ts';
import { SqlError } from '../../engine.ts';
import { ConnectionLost, toSessionError } from '../server-errors.ts';

/** A failure while whole tables are carried. PostgreSQL's detail, which quotes values, is left out. */
export function toTableError(error: unknown, location: string): Error {
  if (error instanceof MigrateError) return error;
  const ofDisk = toDiskError(error);
  if (ofDisk) return ofDisk;
  const ofSession = toSessionError(error);
  return ofSession instanceof ConnectionLost ? gone(ofSession, location) : refused(ofSession, location);
}

/** For whoever looks at the signal. */
export function stopped(): MigrateError {
  return new MigrateError('interrupted', 'The run was asked to stop.', { next: runAgain });
}

function refused(error: SqlError, location: string): Error {
  const { code, message } = error;
  const cause = { cause: error };
  switch (code) {
    case '40P01':
    case '55P03':
      return new MigrateError('busy', `${location} is locked by another session and did not become free.`, {
        ...cause,
        next: 'Find the program that uses its tables, let it finish, and try again.',
      });
    case '53100':
      return new MigrateError('storage', `${location} cannot grow: the server's disk is full.`, {
        ...cause,
        next: 'Make room on the server.',
      });
    case '53200':
      return new MigrateError('refused', `${location} has no memory left for it: ${message}.`, {
        ...cause,
        next: 'Raise max_locks_per_transaction on the server, and restart it.',
      });
    case '42501':
      return new MigrateError('refused', `${location} does not permit it: ${message}.`, {
        ...cause,
        next: 'Connect as the owner of the tables, or give this role the right; GRANT pg_read_all_data lets it read all tables and sequences.',
      });
    default:
      return error;
  }
}

function gone(error: ConnectionLost, location: string): MigrateError {
  return new MigrateError('unreachable', `${location} does not answer: ${error.message}.`, {
    cause: error,
    next: error.next ?? 'Look at the server and the network, and run the same command again.',
  });
}

/** What this machine says of the file. */
function toDiskError(error: unknown): MigrateError | undefined {
  if (!(error instanceof Error) || !diskCodes.has(codeOf(error) ?? '')) return undefined;
  return new MigrateError('storage', `The copy cannot be written or read: ${error.message}.`, {
    cause: error,
    next: 'Check the free space and the permissions of the folder it is in.',
  });
}

const diskCodes = new Set([
  'ENOSPC',
  'EFBIG',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOENT',
  'EEXIST',
  'EMFILE',
]);
