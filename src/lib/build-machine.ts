/** Whether this is a build machine: they set CI. Some of them give a terminal that nobody looks at. */
export function isBuildMachine({ CI: ci }: Readonly<Record<string, string | undefined>>): boolean {
  return ci !== undefined && ci !== '' && ci !== '0' && ci.toLowerCase() !== 'false';
}
