import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { internalError, problemDetails } from '../http/problem.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../observability/log.ts';
import { shortUrlAnswer } from './answer.ts';
import type { Authoring } from './authoring.ts';
import { createBulk, MAX_BULK_ITEMS } from './bulk.ts';
import { type Idempotency, readIdempotencyKey, type Settled } from './idempotency.ts';
import { IDEMPOTENCY_KEY, json, jsonBody, KEY_REUSED, operation, problems } from './rest-docs.ts';
import { BulkCreation, BulkResult } from './rest-model.ts';
import type { ShortUrl } from './short-url.ts';

export interface BulkOptions {
  readonly authoring: Pick<Authoring, 'read' | 'create'>;
  readonly idempotency: Pick<Idempotency, 'each'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  readonly urlOf: (shortUrl: ShortUrl) => string;
  readonly log: Logger;
}

/** `POST /short-urls/bulk`: hop's own, beyond REST API v3. */
export function bulkController({ authoring, idempotency, apiKeys, urlOf, log }: BulkOptions) {
  return new Elysia({ name: 'short-urls-bulk', prefix: '/rest/v3' }).post(
    '/short-urls/bulk',
    async ({ request, body }) => {
      const apiKey = await apiKeys.authenticate(request.headers.get('x-api-key'));
      const idempotencyKey = readIdempotencyKey(request);
      const settled = await createBulk({ body, apiKey, idempotencyKey }, authoring, idempotency);
      return { results: settled.map(result) };
    },
    {
      parse: 'json',
      detail: operation('createShortUrls', 'Create many short URLs', {
        description:
          `Creates up to ${MAX_BULK_ITEMS} short URLs. Each item is what "Create a short URL" takes, and succeeds or ` +
          'fails for itself: the answer is 200 and says for each item, in their order, what became of it. Under an ' +
          'Idempotency-Key, items that were created before are answered as then, and the others are tried again.',
        parameters: [IDEMPOTENCY_KEY],
        requestBody: jsonBody(BulkCreation),
        responses: {
          200: json('What became of each item.', BulkResult),
          ...problems({ 400: '`shortUrls` is missing, empty or too long.', 422: KEY_REUSED }),
        },
      }),
    },
  );

  function result(settled: Settled) {
    if ('shortUrl' in settled)
      return { status: 200, shortUrl: shortUrlAnswer(settled.shortUrl, urlOf(settled.shortUrl)) };
    const { error } = settled;
    if (!(error instanceof AppError)) log.error('a short URL of a bulk could not be created', { error });
    const problem = problemDetails(error instanceof AppError ? error : internalError(error));
    return { status: problem.status, problem };
  }
}
