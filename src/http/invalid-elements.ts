import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/**
 * The names of the fields that do not fit an object's schema, in the schema's order (that of TypeBox's errors); what is
 * no object at all is taken for an empty one, so that everything required is named.
 */
export function invalidElements(schema: TSchema, value: unknown): string[] {
  const errors = Value.Errors(schema, typeof value === 'object' && value !== null ? value : {});
  const names = [...errors].map(({ path }) => fieldOf(path)).filter((name) => name !== '');
  return [...new Set(names)];
}

/** The first segment of a JSON pointer (RFC 6901): `/tags/0` → `tags`. */
function fieldOf(pointer: string): string {
  return (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}
