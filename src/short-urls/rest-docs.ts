import type { TSchema } from '@sinclair/typebox';
import type { DocumentDecoration } from 'elysia';
import { Problem, ShortUrlModel } from './rest-model.ts';

type Responses = NonNullable<DocumentDecoration['responses']>;

/** An answer in JSON, for the documentation. */
export function json(description: string, schema: TSchema) {
  return { description, content: { 'application/json': { schema } } };
}

/** Error answers by status, for the documentation; the statuses that every operation has are there already. */
export function problems(descriptions: Readonly<Record<number, string>> = {}): Responses {
  const all = { ...descriptions, 401: 'The API key is missing or not valid.', 503: 'The database is out of reach.' };
  const answers = Object.entries(all).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: Problem } } },
  ]);
  return Object.fromEntries(answers);
}

export function jsonBody(schema: TSchema): NonNullable<DocumentDecoration['requestBody']> {
  return { required: true, content: { 'application/json': { schema } } };
}

export const SHORT_URL = json('The short URL.', ShortUrlModel);
export const NOT_FOUND = 'There is no such short URL, or not for this API key.';

export const KEY_REUSED = 'The Idempotency-Key was used for another request.';

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  schema: { type: 'string' as const, maxLength: 255 },
  description:
    'Makes it safe to send the request again: for 24 hours, what was created under this key is answered as then.',
};

const tags = ['Short URLs'];
const security = [{ ApiKey: [] }];

/** What all operations on short URLs have in common. */
export function operation(operationId: string, summary: string, detail: DocumentDecoration): DocumentDecoration {
  return { operationId, summary, tags, security, ...detail };
}
