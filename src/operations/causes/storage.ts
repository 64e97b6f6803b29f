import { command, known, type Suspect } from './failure.ts';

/** The disk, not the statement. */
export const storage: Suspect = (failure) => {
  const { code } = failure;
  const again = `${failure.again} goes on from here.`;
  if (code.startsWith('SQLITE_FULL')) {
    return known(
      'The statement needs more room than is left; SQLite keeps the old pages until the commit, so a rebuild needs the table twice',
      `Make room on that disk (df -h shows it; migrate-tui backups ${failure.environment} lists backups that can go), then ${again}`,
    );
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return known(
      'Neither the file nor the statement is at fault: what runs migrate-tui may not write there',
      `Check the owner and the mode of the file and of its folder, and that the disk is not mounted read-only; then ${again}`,
    );
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN')) {
    return known(
      'Neither the file nor the statement is at fault',
      `Check the disk and the permissions of the folder; ${command(failure, 'verify')} checks the database; then ${again}`,
    );
  }
  return undefined;
};
