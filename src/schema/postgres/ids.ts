/** What an object is told by in pg_depend: the catalogue it stands in, and its oid there. */
export const idOf = {
  relation: (oid: string) => `1259:${oid}`,
  /** PostgreSQL tells it by its relation and its number there. */
  column: (relation: string, number: number) => `1259:${relation}:${number}`,
  type: (oid: string) => `1247:${oid}`,
  function: (oid: string) => `1255:${oid}`,
  constraint: (oid: string) => `2606:${oid}`,
  default: (oid: string) => `2604:${oid}`,
  rule: (oid: string) => `2618:${oid}`,
  trigger: (oid: string) => `2620:${oid}`,
  policy: (oid: string) => `3256:${oid}`,
  statistics: (oid: string) => `3381:${oid}`,
  schema: (oid: string) => `2615:${oid}`,
  extension: (oid: string) => `3079:${oid}`,
  collation: (oid: string) => `3456:${oid}`,
} as const;

/** That the index of a part is a part of the index of the whole, as an id; no catalogue has one for it. */
export const partId = ({ oid }: { readonly oid: string }) => `part:${oid}`;
