import type { Account, BoundAccount } from '../../operations/consent/account.ts';
import { accountHash, type FoundThere } from '../../operations/consent/account-hash.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { readSchema } from '../../schema/read.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { Ground } from './ground.ts';

/** The account with what binds a consent to it, and to the databases as they are now. Only reads. */
export async function boundAccount({ prepared, workspace }: Ground, account: Account): Promise<BoundAccount> {
  const { root } = workspace.project;
  const found = await Promise.all(
    prepared.map(async (one): Promise<FoundThere> => {
      const { database, target, entries, migrations } = one.run;
      return {
        database: database.name,
        location: shownAddress(target.address, root),
        schema: await schemaIn(one),
        records: entries.map(({ hash, createdAt, name, version }) => ({
          hash,
          createdAt,
          name: name ?? version,
        })),
        files: migrations.map(({ tag, hash }) => ({ tag, hash })),
      };
    }),
  );
  return { ...account, hash: accountHash(account, found) };
}

/** A way out of a damaged database is told all the same: of a schema that cannot be read, nothing more is known. */
async function schemaIn({ run: { engine, database } }: Prepared): Promise<string> {
  if (!engine) return 'not there';
  return await readSchema(engine.query, { bookkeeping: [database.table] }).then(
    fingerprint,
    () => 'unreadable',
  );
}
