import { firstOf, type Variables } from '../dotenv.ts';

/**
 * The database that the environment names for a binding: `AUTH_D1_DATABASE_NAME` for AUTH, and
 * `D1_DATABASE_NAME` for the first binding that has no such variable. Undefined when neither is set.
 */
export function namedByEnvironment(
  binding: string,
  bindings: readonly string[],
  layers: readonly Variables[],
): { readonly variable: string; readonly database: string } | undefined {
  const own = ownVariable(binding);
  const variable =
    firstOf(layers, [own]) !== undefined ? own : main(bindings, layers) === binding ? plain : undefined;
  const database = variable === undefined ? undefined : firstOf(layers, [variable]);
  return variable === undefined || database === undefined ? undefined : { variable, database };
}

const plain = 'D1_DATABASE_NAME';

/** AUTH always counts as having a variable of its own: the two names come as a pair. */
function main(bindings: readonly string[], layers: readonly Variables[]): string | undefined {
  if (bindings.length === 1) return bindings[0];
  return bindings.find(
    (binding) => binding !== 'AUTH' && firstOf(layers, [ownVariable(binding)]) === undefined,
  );
}

function ownVariable(binding: string): string {
  return `${binding.toUpperCase().replaceAll(/\W/g, '_')}_${plain}`;
}
