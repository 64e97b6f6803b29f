import { known, type Suspect } from './failure.ts';

/** What another SQLite has and this one has not, or does not allow. */
export const otherEngine: Suspect = (failure) => {
  const { code, message, dialect } = failure;
  const engine = dialect === 'd1' ? 'D1' : 'libSQL';
  const [, what, name] = /^no such (function|module|collation sequence): (.+)$/.exec(message) ?? [];
  if (what !== undefined && name !== undefined) {
    return known(
      `${engine} has no ${what} of that name: it belongs to another SQLite, or to an extension that is not loaded there`,
      `Write it without ${name}, in ${failure.migration.tag}.`,
    );
  }
  if (code === 'D1_REFUSES') {
    return known(
      'That is so in every D1, on this machine and on the service, and nothing of the migration was sent',
      `Take the statement out of ${failure.migration.tag}, or write it another way.`,
    );
  }
  if (dialect === 'd1' && (code === 'SQLITE_AUTH' || /not authorized/.test(message))) {
    return known(
      'D1 does not allow what the statement uses: temporary objects, ATTACH, names that begin with _cf_, and some PRAGMAs and functions',
      `Write it without, in ${failure.migration.tag}.`,
    );
  }
  return undefined;
};
