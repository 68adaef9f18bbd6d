import { Elysia, t } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { AppError } from '../lib/errors.ts';
import { shortUrlAnswer } from './answer.ts';
import type { Authoring } from './authoring.ts';
import { operation, problems, SHORT_URL } from './rest-docs.ts';
import type { ShortUrl } from './short-url.ts';

export interface SingleStepOptions {
  readonly authoring: Authoring;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  readonly urlOf: (shortUrl: ShortUrl) => string;
}

/** `GET /short-urls/shorten`: for bookmarklets and for clients that can only follow links. */
export function singleStepController({ authoring, apiKeys, urlOf }: SingleStepOptions) {
  return new Elysia({ name: 'single-step', prefix: '/rest/v3' }).get(
    '/short-urls/shorten',
    async ({ request, query }) => {
      if (!query.apiKey) throw missingKey();
      const apiKey = await apiKeys.authenticate(query.apiKey);
      const shortUrl = await authoring.create(authoring.read({ longUrl: query.longUrl }, apiKey), apiKey);
      return wantsText(query.format, request) ? text(urlOf(shortUrl)) : json(shortUrlAnswer(shortUrl, urlOf(shortUrl)));
    },
    {
      query: t.Object({
        apiKey: t.Optional(t.String({ description: 'The API key.' })),
        longUrl: t.Optional(t.String({ description: 'Where the short URL leads.' })),
        format: t.Optional(t.String({ description: '`txt` or `json`; without it, by the Accept header.' })),
      }),
      detail: operation('shortenUrl', 'Create a short URL by following a link', {
        deprecated: true,
        security: [],
        responses: {
          200: {
            ...SHORT_URL,
            content: {
              ...SHORT_URL.content,
              'text/plain': { schema: { type: 'string' }, example: 'https://s.test/abc123' },
            },
          },
          ...problems({ 400: 'The long URL is not valid.' }),
        },
      }),
    },
  );
}

function wantsText(format: string | undefined, { headers }: Request): boolean {
  if (format !== undefined) return format === 'txt';
  const [preferred = ''] = headers.get('accept')?.split(',') ?? [];
  return preferred.toLowerCase().includes('text/plain');
}

// The content types are exactly these, without a charset: clients compare them.

function text(body: string): Response {
  return new Response(new TextEncoder().encode(body), { headers: { 'content-type': 'text/plain' } });
}

function json(body: object): Response {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

function missingKey(): AppError {
  const param = 'apiKey';
  return new AppError('missing-authentication', `Expected authentication to be provided in "${param}" query param`, {
    extra: { param },
  });
}
