import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { type Pagination, paginationOf } from '../http/paging.ts';
import { asFields } from '../lib/field-reader.ts';
import { json, jsonBody, operation, problems } from '../short-urls/rest-docs.ts';
import type { TagStats } from './list-store.ts';
import { TagList, TagRenamingBody, TagStatsList } from './model.ts';
import { listParameters, NAMES_PARAMETER } from './parameters.ts';
import { readTagListRequest, readTagNames, readTagRenaming, TAG_ORDER_FIELDS, type TagListRequest } from './request.ts';
import type { TagPage, TagService } from './service.ts';

export interface TagsOptions {
  readonly tags: TagService;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

const tags = ['Tags'];
const FORBIDDEN = 'The API key is restricted to some short URLs, and tags are on those of others too.';

/** Tags by REST API v3: list, statistics, rename, delete. */
export function tagsController({ tags: service, apiKeys }: TagsOptions) {
  const authenticate = (request: Request) => apiKeys.authenticate(request.headers.get('x-api-key'));

  return new Elysia({ name: 'tags', prefix: '/rest/v3' })
    .get(
      '/tags',
      async ({ request }) => {
        const apiKey = await authenticate(request);
        const asked = readTagListRequest(request.url, ['tag']);
        return answer(asked, await service.list(asked, apiKey), (tag) => tag);
      },
      {
        detail: operation('listTags', 'List tags', {
          tags,
          parameters: listParameters(['tag']),
          responses: { 200: json('A page of the tags.', TagList), ...problems({ 400: 'Parameters are not valid.' }) },
        }),
      },
    )
    .put(
      '/tags',
      async ({ request, body }) => {
        const apiKey = await authenticate(request);
        await service.rename(readTagRenaming(asFields(body)), apiKey);
        return new Response(null, { status: 204 });
      },
      {
        parse: 'json',
        detail: operation('renameTag', 'Rename a tag', {
          tags,
          requestBody: jsonBody(TagRenamingBody),
          responses: {
            204: { description: 'It has its new name on all short URLs.' },
            ...problems({
              400: 'A name is missing or not valid.',
              403: FORBIDDEN,
              404: 'There is no such tag.',
              409: 'There is a tag of the new name already.',
            }),
          },
        }),
      },
    )
    .delete(
      '/tags',
      async ({ request }) => {
        const apiKey = await authenticate(request);
        await service.delete(readTagNames(request.url), apiKey);
        return new Response(null, { status: 204 });
      },
      {
        detail: operation('deleteTags', 'Delete tags', {
          tags,
          parameters: [NAMES_PARAMETER],
          responses: {
            204: { description: 'They are deleted; short URLs stay.' },
            ...problems({ 403: FORBIDDEN }),
          },
        }),
      },
    )
    .get(
      '/tags/stats',
      async ({ request }) => {
        const apiKey = await authenticate(request);
        const asked = readTagListRequest(request.url, TAG_ORDER_FIELDS);
        return answer(asked, await service.stats(asked, apiKey), statsAnswer);
      },
      {
        detail: operation('tagsWithStats', 'List tags with statistics', {
          tags,
          parameters: listParameters(TAG_ORDER_FIELDS),
          responses: {
            200: json('A page of the tags.', TagStatsList),
            ...problems({ 400: 'Parameters are not valid.' }),
          },
        }),
      },
    );
}

interface TagsAnswer<T> {
  readonly tags: { readonly data: T[]; readonly pagination: Pagination };
}

function answer<T, A>({ paging }: TagListRequest, page: TagPage<T>, of: (item: T) => A): TagsAnswer<A> {
  const { items, totalItems } = page;
  return { tags: { data: items.map(of), pagination: paginationOf(paging, items.length, totalItems) } };
}

function statsAnswer({ tag, shortUrlsCount, nonBots, bots }: TagStats) {
  return { tag, shortUrlsCount, visitsSummary: { total: nonBots + bots, nonBots, bots } };
}
