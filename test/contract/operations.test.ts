import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ShlinkApiClient } from '@shlinkio/shlink-js-sdk';
import { ErrorType, type ShlinkApiClient as Sdk } from '@shlinkio/shlink-js-sdk/api-contract';
import { createApiKey } from '../../src/api-keys/admin.ts';
import { type ContractClient, type RequestOptions, startContractClient } from './client.ts';
import { contract } from './contract.ts';
import { problemOf } from './problem-of.ts';

// Everything at least once: each method of the client library, each operation of the documents with each status that
// they have for it, each error that the library knows. What they say in detail is tested in the other files; that they
// are as documented is checked with every answer.

let client: ContractClient;
const longUrl = 'https://example.com/once';
const one = { shortCode: 'one' };

beforeAll(async () => {
  client = await startContractClient({ DELETE_SHORT_URL_THRESHOLD: '5' });
  await client.create({ customSlug: 'one', tags: ['fruit'] });
  await client.create({ customSlug: 'popular' });
  await client.app.sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
    select domain_id, short_code, short_url_id, 6, 0 from short_urls where short_code = 'popular'`;
});
afterAll(() => client[Symbol.asyncDispose]());

/** By the type of the client: a method that is missing here is an error of types already. */
const CALLS: { readonly [Method in keyof Sdk]: (sdk: Sdk) => Promise<unknown> } = {
  createShortUrl: (sdk) => sdk.createShortUrl({ longUrl, customSlug: 'two', tags: ['fruit'] }),
  listShortUrls: (sdk) => sdk.listShortUrls(),
  getShortUrl: (sdk) => sdk.getShortUrl(one),
  updateShortUrl: (sdk) => sdk.updateShortUrl(one, { title: 'One' }),
  setShortUrlRedirectRules: (sdk) => sdk.setShortUrlRedirectRules(one, { redirectRules: [] }),
  getShortUrlRedirectRules: (sdk) => sdk.getShortUrlRedirectRules(one),
  getVisitsOverview: (sdk) => sdk.getVisitsOverview(),
  getShortUrlVisits: (sdk) => sdk.getShortUrlVisits(one),
  getTagVisits: (sdk) => sdk.getTagVisits('fruit'),
  getDomainVisits: (sdk) => sdk.getDomainVisits('DEFAULT'),
  getOrphanVisits: (sdk) => sdk.getOrphanVisits(),
  getNonOrphanVisits: (sdk) => sdk.getNonOrphanVisits(),
  deleteShortUrlVisits: (sdk) => sdk.deleteShortUrlVisits(one),
  deleteOrphanVisits: (sdk) => sdk.deleteOrphanVisits(),
  listTags: (sdk) => sdk.listTags(),
  tagsStats: (sdk) => sdk.tagsStats(),
  editTag: (sdk) => sdk.editTag({ oldName: 'fruit', newName: 'food' }),
  deleteTags: (sdk) => sdk.deleteTags(['none']),
  listDomains: (sdk) => sdk.listDomains(),
  editDomainRedirects: (sdk) => sdk.editDomainRedirects({ domain: 'other.test', baseUrlRedirect: longUrl }),
  health: (sdk) => sdk.health(),
  // There is no hub: the library is told so.
  mercureInfo: async (sdk) => expect(await problemOf(sdk.mercureInfo())).toMatchObject({ status: 501 }),
  deleteShortUrl: (sdk) => sdk.deleteShortUrl({ shortCode: 'two' }),
};

test('the client library has no method that is not called here', () => {
  const methods = Object.getOwnPropertyNames(ShlinkApiClient.prototype).filter((name) => name !== 'constructor');
  expect(Object.keys(CALLS).sort()).toEqual(methods.sort());
});

describe('the client library calls', () => {
  test.each(Object.entries(CALLS))('%s', async (_method, call) => {
    await call(client.sdk);
  });

  test.each(Object.entries(CALLS).filter(([method]) => !/health|mercureInfo/.test(method)))(
    '%s with a key that is none',
    async (_method, call) => {
      expect(await problemOf(call(client.sdkFor('none')))).toMatchObject({ type: ErrorType.INVALID_API_KEY });
    },
  );
});

type Refused = readonly [request: string, options: RequestOptions, error: string];

/** Method and path of a request that is refused, in each way that the documents and the library know. */
const REFUSED: readonly Refused[] = [
  ['GET /short-urls', { apiKey: null }, ErrorType.INVALID_AUTHORIZATION],
  ['GET /none', {}, ErrorType.NOT_FOUND],
  ['POST /short-urls', { body: { longUrl: 'none' } }, ErrorType.INVALID_ARGUMENT],
  ['POST /short-urls', { body: { longUrl, customSlug: 'one' } }, ErrorType.INVALID_SLUG],
  ['PATCH /short-urls/one', { body: { maxVisits: 'many' } }, ErrorType.INVALID_ARGUMENT],
  ['DELETE /short-urls/popular', {}, ErrorType.INVALID_SHORT_URL_DELETION],
  ['PUT /tags', { body: {} }, ErrorType.INVALID_ARGUMENT],
  ['PUT /tags', { body: { oldName: 'none', newName: 'some' } }, ErrorType.TAG_NOT_FOUND],
  ['PUT /tags', { body: { oldName: 'taken', newName: 'food' } }, ErrorType.TAG_CONFLICT],
  ['GET /tags/none/visits', {}, ErrorType.TAG_NOT_FOUND],
  ['GET /domains/none.test/visits', {}, ErrorType.DOMAIN_NOT_FOUND],
  ['GET /visits/orphan?type=none', {}, ErrorType.INVALID_ARGUMENT],
  ['PATCH /domains/redirects', { body: { domain: '::1' } }, ErrorType.INVALID_ARGUMENT],
  ['GET /mercure-info', {}, ErrorType.MERCURE_NOT_CONFIGURED],
  ...['GET', 'PATCH', 'DELETE'].map((method): Refused => unknown(`${method} /short-urls/none`)),
  ...['GET', 'POST'].map((method): Refused => unknown(`${method} /short-urls/none/redirect-rules`)),
  ...['GET', 'DELETE'].map((method): Refused => unknown(`${method} /short-urls/none/visits`)),
];

test.each(REFUSED)('%s %j is refused with %s', async (request, options, error) => {
  await client.create({ tags: ['taken', 'food'] });
  expect(await refusal(request, options)).toBe(error);
});

test('keys that may not are refused to change tags', async () => {
  const restricted = { expiresAt: null, roles: ['AUTHORED_SHORT_URLS' as const], authority: null };
  const { key: apiKey } = await createApiKey(client.app.services.database, restricted);
  const renaming = { apiKey, body: { oldName: 'food', newName: 'some' } };
  expect(await refusal('PUT /tags', renaming)).toBe(ErrorType.FORBIDDEN_OPERATION);
  expect(await refusal('DELETE /tags?tags[]=food', { apiKey })).toBe(ErrorType.FORBIDDEN_OPERATION);
});

test('what the client library does not call answers as documented', async () => {
  const query = new URLSearchParams({ apiKey: 'the-key-of-the-contract-tests', longUrl });
  expect((await client.request(`/short-urls/shorten?${query}`)).status).toBe(200);
  expect((await client.visit('/one')).status).toBe(302);
  expect((await client.visit('/one/track')).status).toBe(200);
});

// The last ones, as they look back.

/** hop has no hub yet (NOTES.md), and its health without a database is in test/api/health.test.ts. */
const NOT_ANSWERED = ['health 503', 'mercureInfo 200'];

test.skipIf(contract === undefined)('every operation of the documents has given each of its answers', () => {
  const missing = contract?.documented.filter((name) => !client.answered.has(name));
  expect(missing?.sort()).toEqual(NOT_ANSWERED);
});

test('every error that the client library knows has been given', () => {
  const given = new Set([
    ...REFUSED.map(([, , error]) => error),
    ErrorType.INVALID_API_KEY,
    ErrorType.FORBIDDEN_OPERATION,
  ]);
  given.add(ErrorType.INVALID_URL); // never given any more, says the library
  expect(Object.values(ErrorType).filter((error) => !given.has(error))).toEqual([]);
});

function unknown(request: string): Refused {
  const hasBody = /^(PATCH|POST)/.test(request);
  const body = request.endsWith('rules') ? { redirectRules: [] } : { title: 'none' };
  return [request, hasBody ? { body } : {}, ErrorType.INVALID_SHORTCODE];
}

async function refusal(request: string, options: RequestOptions): Promise<unknown> {
  const [method = '', path = ''] = request.split(' ');
  const { body } = await client.request(path, { method, ...options });
  return (body as { type: unknown }).type;
}
