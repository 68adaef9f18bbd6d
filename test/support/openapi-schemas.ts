import { isObject, type JsonObject, mapValues, objectAt } from './openapi-documents.ts';

/**
 * A schema that says what clients rely on beyond the document: no member missing, none besides, and dates to the second.
 * To be used for payloads, not for requests.
 */
export function exact(schema: unknown): unknown {
  return isObject(schema) ? closed(complete(schema)) : schema;
}

/**
 * The error's schema with `invalidElements` free to name any field of the request: the documents' lists of them leave
 * out some, even `longUrl` on create.
 */
export function withAnyInvalidElement(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withAnyInvalidElement);
  if (!isObject(schema)) return schema;
  const { invalidElements, ...rest } = mapValues(schema, withAnyInvalidElement);
  return invalidElements === undefined ? rest : { ...rest, invalidElements: NAMES };
}

const NAMES = { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true };

/** Everything it describes is required, at every depth. */
function complete(schema: JsonObject): JsonObject {
  const { properties, items, allOf } = schema;
  return {
    ...schema,
    ...(isObject(properties) && { properties: mapValues(properties, property), required: Object.keys(properties) }),
    ...(isObject(items) && { items: exact(items) }),
    // Members of an allOf know only their part of the object, so only the whole is closed.
    ...(Array.isArray(allOf) && { allOf: allOf.map((part) => (isObject(part) ? complete(part) : part)) }),
  };
}

function closed(schema: JsonObject): JsonObject {
  return 'properties' in schema || 'allOf' in schema ? { ...schema, unevaluatedProperties: false } : schema;
}

function property(schema: unknown, name: string): unknown {
  if (!isObject(schema)) return schema;
  // Dates that may be null are known by their description only.
  const isDate = /\(in ISO-8601 format\)/.test(String(schema.description));
  const whole = exact(isDate ? { ...schema, format: 'date-time' } : schema);
  return NULLABLE.has(name) ? { anyOf: [{ type: 'null' }, whole] } : whole;
}

/** Null in the documents' examples and in the client library, although not in the schemas. */
const NULLABLE = new Set(['visitLocation']);

/** What a response says of one media type. */
export interface Media {
  readonly schema: unknown;
  /** The types of the problems that it shows as examples: the schema is theirs, other problems share the status only. */
  readonly problemTypes: readonly unknown[];
}

/** By media type; none for an answer without a body. */
export function contentOf(response: JsonObject): ReadonlyMap<string, Media> {
  const content = Object.entries(objectAt(response, 'content'));
  return new Map(content.map(([type, media]) => [type, toMedia(isObject(media) ? media : {})]));
}

function toMedia(media: JsonObject): Media {
  const examples = Object.values(objectAt(media, 'examples')).map((example) => isObject(example) && example.value);
  return { schema: media.schema, problemTypes: examples.flatMap((value) => (isObject(value) ? [value.type] : [])) };
}
