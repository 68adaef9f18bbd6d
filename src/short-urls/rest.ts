import { Elysia, t } from 'elysia';
import type { ApiKey, ApiKeyService } from '../api-keys/service.ts';
import { asFields } from '../lib/field-reader.ts';
import { type ShortUrlAnswer, shortUrlAnswer } from './answer.ts';
import type { Authoring } from './authoring.ts';
import { type Creation, type FieldContext, readEdition } from './fields.ts';
import type { FindKey } from './find-key.ts';
import { type Idempotency, readIdempotencyKey } from './idempotency.ts';
import { IDEMPOTENCY_KEY, jsonBody, KEY_REUSED, NOT_FOUND, operation, problems, SHORT_URL } from './rest-docs.ts';
import { ShortUrlCreation, ShortUrlEdition } from './rest-model.ts';
import { type ShortUrlService, shortUrlNotFound } from './service.ts';
import type { ShortUrl } from './short-url.ts';
import { visibilityOf } from './visibility.ts';

export interface ShortUrlsOptions {
  readonly shortUrls: Pick<ShortUrlService, 'find' | 'edit' | 'delete'>;
  readonly authoring: Pick<Authoring, 'read' | 'create'>;
  readonly idempotency: Pick<Idempotency, 'each'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  readonly findKey: FindKey;
  readonly fields: FieldContext;
  readonly urlOf: (shortUrl: ShortUrl) => string;
}

const ofShortCode = {
  params: t.Object({ shortCode: t.String({ description: 'The short code or slug.' }) }),
  query: t.Object({ domain: t.Optional(t.String({ description: 'Its domain, if not the default one.' })) }),
};

/** Create, get, edit and delete one short URL by REST API v3. */
export function shortUrlsController(options: ShortUrlsOptions) {
  const { shortUrls, authoring, idempotency, apiKeys, fields, findKey } = options;
  const authenticate = (request: Request) => apiKeys.authenticate(request.headers.get('x-api-key'));
  const answer = (shortUrl: ShortUrl): ShortUrlAnswer => shortUrlAnswer(shortUrl, options.urlOf(shortUrl));

  return new Elysia({ name: 'short-urls', prefix: '/rest/v3' })
    .post(
      '/short-urls',
      async ({ request, body }) => {
        const apiKey = await authenticate(request);
        const idempotencyKey = readIdempotencyKey(request);
        const creation = authoring.read(asFields(body), apiKey);
        return answer(await create({ creation, apiKey, idempotencyKey, body }));
      },
      {
        parse: 'json',
        detail: operation('createShortUrl', 'Create a short URL', {
          parameters: [IDEMPOTENCY_KEY],
          requestBody: jsonBody(ShortUrlCreation),
          responses: {
            200: SHORT_URL,
            ...problems({ 400: 'Fields are not valid, or the slug is taken.', 422: KEY_REUSED }),
          },
        }),
      },
    )
    .get(
      '/short-urls/:shortCode',
      async ({ request, params, query }) => {
        const visibility = visibilityOf(await authenticate(request));
        const key = await findKey(params.shortCode, query.domain);
        const found = key && (await shortUrls.find(key, visibility));
        if (found === undefined) throw shortUrlNotFound(params.shortCode, query.domain);
        return answer(found);
      },
      {
        ...ofShortCode,
        detail: operation('getShortUrl', 'Get a short URL', {
          responses: { 200: SHORT_URL, ...problems({ 404: NOT_FOUND }) },
        }),
      },
    )
    .patch(
      '/short-urls/:shortCode',
      async ({ request, params, query, body }) => {
        const visibility = visibilityOf(await authenticate(request));
        const edition = readEdition(asFields(body), fields);
        const key = await findKey(params.shortCode, query.domain);
        const edited = key && (await shortUrls.edit(key, edition, visibility));
        if (edited === undefined) throw shortUrlNotFound(params.shortCode, query.domain);
        return answer(edited);
      },
      {
        ...ofShortCode,
        parse: 'json',
        detail: operation('editShortUrl', 'Edit a short URL', {
          requestBody: jsonBody(ShortUrlEdition),
          responses: { 200: SHORT_URL, ...problems({ 400: 'Fields are not valid.', 404: NOT_FOUND }) },
        }),
      },
    )
    .delete(
      '/short-urls/:shortCode',
      async ({ request, params, query }) => {
        const visibility = visibilityOf(await authenticate(request));
        const key = await findKey(params.shortCode, query.domain);
        const wasDeleted = key !== undefined && (await shortUrls.delete(key, visibility));
        if (!wasDeleted) throw shortUrlNotFound(params.shortCode, query.domain);
        return new Response(null, { status: 204 });
      },
      {
        ...ofShortCode,
        detail: operation('deleteShortUrl', 'Delete a short URL', {
          responses: {
            204: { description: 'It is deleted; its slug is free.' },
            ...problems({ 404: NOT_FOUND, 422: 'It has more visits than DELETE_SHORT_URL_THRESHOLD allows.' }),
          },
        }),
      },
    );

  async function create({ creation, apiKey, idempotencyKey, body }: CreateRequest): Promise<ShortUrl> {
    if (idempotencyKey === null) return authoring.create(creation, apiKey);
    const asked = { apiKeyId: apiKey.apiKeyId, idempotencyKey, request: ['create', body] };
    const [result] = await idempotency.each(asked, [0], (_, claim) => authoring.create(creation, apiKey, claim));
    if (result === undefined || 'error' in result) throw result?.error;
    return result.shortUrl;
  }
}

interface CreateRequest {
  readonly creation: Creation;
  readonly apiKey: ApiKey;
  readonly idempotencyKey: string | null;
  /** As it was sent. */
  readonly body: unknown;
}
