/**
 * What stands before a command so that file permissions hold for it: root may read everything, so it gives that right
 * up first (`setpriv` is part of util-linux).
 */
export const unprivileged: readonly string[] =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all']
    : [];
