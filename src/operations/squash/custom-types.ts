import type { SchemaObjectType } from '../../schema/schema.ts';
import { objectTypes } from '../../sql/object-types.ts';

/** What Drizzle's schema code describes, so that drizzle-kit would make it again. */
const described = ['table', 'index', 'schema', 'type', 'sequence', 'policy', 'comment'] as const;

/** Kinds of objects that only a migration describes. */
export type CustomType = Exclude<SchemaObjectType, (typeof described)[number]>;

export function isCustom(type: SchemaObjectType): type is CustomType {
  return !described.some((one) => one === type);
}

export const customTypes: readonly CustomType[] = objectTypes.filter(isCustom);
