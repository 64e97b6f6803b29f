/**
 * Names the chunk of each module, for `codeSplitting` of rolldown: what each of the given entries loads by static
 * imports, and no entry before it does, becomes one file. A bundler that shares every module between commands makes
 * some hundred small files of them, and Node takes longer to find these than to run what is in them.
 *
 * @param {Readonly<Record<string, readonly string[]>>} entries module paths by the name of their chunk, in the order of
 * loading; what the name `''` reaches stays as the bundler has it
 * @returns {(id: string, context: { getModuleInfo(id: string): { importedIds: readonly string[] } | null }) => string | null}
 */
export function chunksTogether(entries) {
  let chunkOf;
  return (id, context) => {
    chunkOf ??= reached(entries, context);
    return chunkOf.get(id) || null;
  };
}

function reached(entries, context) {
  const chunkOf = new Map();
  for (const [chunk, roots] of Object.entries(entries)) {
    const left = [...roots];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (chunkOf.has(id)) continue;
      const module = context.getModuleInfo(id);
      if (!module) throw new Error(`${id} is loaded by no entry: name another one for the chunk ${chunk}.`);
      chunkOf.set(id, chunk);
      left.push(...module.importedIds.filter((one) => context.getModuleInfo(one)));
    }
  }
  return chunkOf;
}
