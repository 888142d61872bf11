import { z } from 'zod';

/** What a schema expects, as far as it tells how little of a value need be looked at. */
export type Expected =
  | { readonly kind: 'single' }
  | { readonly kind: 'fields'; readonly schema: z.ZodType; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'list' | 'record'; readonly of: z.ZodType };

/** Of an object nothing more need be looked at where a text, a number or a word alone is expected. */
const singleTypes: readonly string[] = ['string', 'number', 'boolean', 'enum', 'literal'];

/** `undefined`: nothing is known, as of a union, and the value is copied as it is. */
export function expectedBy(schema: z.ZodType | undefined): Expected | undefined {
  if (schema === undefined) return undefined;
  if (singleTypes.includes(schema.type)) return { kind: 'single' };
  if (schema instanceof z.ZodObject) {
    const isStrict = schema.def.catchall instanceof z.ZodNever;
    return isStrict ? { kind: 'fields', schema, shape: schema.shape } : undefined;
  }
  if (schema instanceof z.ZodArray) return { kind: 'list', of: schema.element as z.ZodType };
  if (schema instanceof z.ZodRecord) return { kind: 'record', of: schema.valueType as z.ZodType };
  if (schema instanceof z.ZodPipe) return expectedBy(schema.in as z.ZodType);
  return isWrapped(schema) ? expectedBy(schema.unwrap() as z.ZodType) : undefined;
}

function isWrapped(
  schema: z.ZodType,
): schema is z.ZodOptional | z.ZodNullable | z.ZodDefault | z.ZodPrefault | z.ZodReadonly {
  return [z.ZodOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault, z.ZodReadonly].some(
    (kind) => schema instanceof kind,
  );
}
