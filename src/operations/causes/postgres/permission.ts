import { classify } from '../../../sql/classify.ts';
import { known, type Failure, type Suspect } from '../failure.ts';
import { quotedNames } from './said.ts';

/** insufficient_privilege: what the role may not do, and who can let it. */
export const permission: Suspect = (failure) => {
  if (failure.code !== '42501') return undefined;
  const role = failure.named?.role ?? 'the role';
  const again = `then ${failure.again} goes on from here`;
  const kind = classify(failure.sql ?? '');
  if (kind.kind === 'create-extension') {
    return known(
      `${role} may not create this extension: most need a superuser`,
      `Let an administrator create it in this database once; ${again}.`,
    );
  }
  if (kind.kind === 'create-schema') {
    return known(
      `${role} may not create schemas in this database`,
      `Let its owner run GRANT CREATE ON DATABASE … TO ${role}; ${again}.`,
    );
  }
  return isAboutSchema(failure) ? ofSchema(failure, role, again) : ofObject(role, again);
};

/** `permission denied for schema app`; what is not owned is told of tables, types and the like. */
function isAboutSchema({ message }: Failure): boolean {
  return /\bschema\b/i.test(message);
}

function ofSchema({ message }: Failure, role: string, again: string) {
  const schema = quotedNames(message)[0] ?? /\bschema ([\w$]+)/i.exec(message)?.[1] ?? 'public';
  return known(
    `${role} may not create anything in the schema ${schema}${schema === 'public' ? ': since PostgreSQL 15 nobody may but the owner of the database' : ''}`,
    `Let its owner run GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}; ${again}.`,
  );
}

function ofObject(role: string, again: string) {
  return known(
    `${role} neither owns what the statement changes nor was granted it; only an owner may alter or drop`,
    `Connect as the owner, or let an administrator run GRANT owner TO ${role}; ${again}.`,
  );
}
