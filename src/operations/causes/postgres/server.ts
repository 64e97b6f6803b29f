import { command, known, type Suspect } from '../failure.ts';

/** The server, not the statement: its disk, its memory, its limits, what it is. */
export const server: Suspect = (failure) => {
  const { code, environment, migration, again } = failure;
  const goesOn = `${again} goes on from here.`;
  switch (code) {
    case '53100':
      return known(
        `The disk of the server is full; a table that is written anew, and an index that is built, need room beside the old one until the commit`,
        `Make room on that disk, then ${goesOn}`,
      );
    case '53200':
      return known(
        'The server has no memory left for it: work_mem and maintenance_work_mem count for each sort and each index',
        `Lower them, or split the statement, in ${migration.tag}; then ${goesOn}`,
      );
    case '58030':
    case 'XX001':
    case 'XX002':
      return known(
        'The statement is not at fault: the server could not read or write its own files',
        `Look into the server's log; ${command(failure, 'verify')} checks the database; then ${goesOn}`,
      );
    case '57014':
      return known(
        // The engine names the limit where it knows it.
        failure.message.includes('statement_timeout is ')
          ? 'The server stopped it when that time was over'
          : 'The server stopped it: statement_timeout of the server, the database or the role ran out, or somebody cancelled it',
        `Put SET LOCAL statement_timeout = 0; before it in ${migration.tag}, or split the statement; then ${goesOn}`,
      );
    case '25006':
      return known(
        `${environment} takes no writes: it is a replica, or default_transaction_read_only is on for this database or role`,
        `Let the target name the primary server, then ${goesOn}`,
      );
    case '54000':
    case '54001':
    case '54011':
    case '54023':
      return known(
        'It is more than PostgreSQL takes: 1,600 columns to a table, 1,664 to a query, 100 arguments to a function',
        `Split it, in ${migration.tag}.`,
      );
    default:
      return undefined;
  }
};
