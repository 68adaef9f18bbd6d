import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { Pagination, paginationOf } from '../http/paging.ts';
import { shortUrlAnswer } from './answer.ts';
import { LIST_PARAMETERS } from './list-parameters.ts';
import { readListRequest } from './list-request.ts';
import type { ShortUrlLists } from './list-service.ts';
import { json, operation, problems } from './rest-docs.ts';
import { ShortUrlModel } from './rest-model.ts';
import type { ShortUrl } from './short-url.ts';

export interface ListOptions {
  readonly lists: ShortUrlLists;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  readonly urlOf: (shortUrl: ShortUrl) => string;
}

const ShortUrlList = Type.Object({
  shortUrls: Type.Object({ data: Type.Array(ShortUrlModel), pagination: Pagination }),
});

/** List short URLs by REST API v3. */
export function listController({ lists, apiKeys, urlOf }: ListOptions) {
  return new Elysia({ name: 'short-url-list', prefix: '/rest/v3' }).get(
    '/short-urls',
    async ({ request }) => {
      const apiKey = await apiKeys.authenticate(request.headers.get('x-api-key'));
      // Read from the address itself: lists come in spellings that the router's own parser does not know.
      const asked = readListRequest(request.url);
      const { shortUrls, totalItems } = await lists.page(asked, apiKey);
      const data = shortUrls.map((shortUrl) => shortUrlAnswer(shortUrl, urlOf(shortUrl)));
      return { shortUrls: { data, pagination: paginationOf(asked.paging, data.length, totalItems) } };
    },
    {
      detail: operation('listShortUrls', 'List short URLs', {
        parameters: LIST_PARAMETERS,
        responses: {
          200: json('A page of the list.', ShortUrlList),
          ...problems({ 400: 'Parameters are not valid; `invalidElements` names them.' }),
        },
      }),
    },
  );
}
