import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type CreateApiKey, createApiKey } from '../../src/api-keys/admin.ts';
import { type Answer, type ContractClient, type RequestOptions, startContractClient } from './client.ts';

let client: ContractClient;
/** Restricted to the domain `own.test`. */
let domainKey: string;
/** Restricted to the short URLs that it made. */
let authorKey: string;

beforeAll(async () => {
  client = await startContractClient();
  domainKey = await createKey({ roles: ['DOMAIN_SPECIFIC'], authority: 'own.test' });
  authorKey = await createKey({ roles: ['AUTHORED_SHORT_URLS'] });
});

afterAll(() => client[Symbol.asyncDispose]());

async function createKey(options: Partial<CreateApiKey>): Promise<string> {
  const all = { expiresAt: null, roles: [], authority: null, ...options };
  return (await createApiKey(client.app.services.database, all)).key;
}

/** Creating with somebody's key. */
const create = (apiKey: string, fields: object = {}): Promise<Answer> =>
  client.request('/short-urls', { method: 'POST', apiKey, body: { longUrl: 'https://example.com/key', ...fields } });

const WRONG_KEY = { status: 401, body: { type: 'https://shlink.io/api/error/invalid-api-key' } };

test('a key that has expired is refused', async () => {
  const apiKey = await createKey({ expiresAt: new Date(Date.now() - 1000) });
  expect(await create(apiKey)).toMatchObject(WRONG_KEY);
});

test('a key may be any printable text', async () => {
  const apiKey = await createKey({ key: 'x' });
  expect(await create(apiKey)).toMatchObject({ status: 200 });
});

describe('a short URL that the key may not see is not found', () => {
  const requests: readonly [method: string, options: RequestOptions][] = [
    ['GET', {}],
    ['PATCH', { body: { title: 'mine' } }],
    ['DELETE', {}],
  ];

  test.each(requests)('by %s', async (method, options) => {
    const foreign = await client.create({ tags: ['foreign'] });
    const path = `/short-urls/${foreign.shortCode}`;
    for (const apiKey of [domainKey, authorKey]) {
      const { body } = await client.request(path, { method, apiKey, ...options });
      expect(body).toEqual({
        type: 'https://shlink.io/api/error/short-url-not-found',
        title: 'Short URL not found',
        detail: `No URL found with short code "${foreign.shortCode}"`,
        status: 404,
        shortCode: foreign.shortCode,
      });
    }
    expect((await client.sdk.getShortUrl(foreign)).title).toBeNull();
  });
});

describe("a domain's key", () => {
  test.each([{}, { domain: 'other.test' }, { domain: 's.test' }, { domain: null }])(
    'creates for its domain, whatever is sent: %j',
    async (fields) => {
      expect((await create(domainKey, fields)).body).toMatchObject({ domain: 'own.test' });
    },
  );

  test('reaches the short URLs of its domain', async () => {
    const { shortCode } = await client.create({ domain: 'own.test' });
    const sdk = client.sdkFor(domainKey);
    const shortUrl = { shortCode, domain: 'own.test' };
    expect(await sdk.updateShortUrl(shortUrl, { title: 'Own' })).toMatchObject({ title: 'Own' });
    expect(await sdk.getShortUrl(shortUrl)).toMatchObject({ title: 'Own' });
    await sdk.deleteShortUrl(shortUrl);
  });

  test('lists the short URLs of its domain only', async () => {
    await client.create();
    await client.create({ domain: 'own.test' });
    const { data, pagination } = await client.sdkFor(domainKey).listShortUrls({ itemsPerPage: 100 });
    expect(data.length).toBe(pagination.totalItems);
    expect(new Set(data.map(({ domain }) => domain))).toEqual(new Set(['own.test']));
  });
});

describe("an author's key", () => {
  test('finds, with findIfExists, only what it made itself', async () => {
    const longUrl = 'https://example.com/authored';
    const foreign = await client.create({ longUrl });
    const { body: own } = await create(authorKey, { longUrl, findIfExists: true });
    expect(own).not.toEqual(foreign);
    expect((await create(authorKey, { longUrl, findIfExists: true })).body).toEqual(own);
  });

  test('learns nothing of a slug but that it is taken', async () => {
    const { longUrl } = await client.create({ customSlug: 'secret' });
    const { body } = await create(authorKey, { customSlug: 'secret', longUrl, findIfExists: true });
    expect(body).toMatchObject({ type: 'https://shlink.io/api/error/non-unique-slug', customSlug: 'secret' });
  });

  test('lists what it made itself, by whatever name it asks', async () => {
    await client.create();
    const { body: own } = await create(authorKey);
    const { data, pagination } = await client.sdkFor(authorKey).listShortUrls({ apiKeyName: 'INITIAL_API_KEY' });
    expect<unknown>(data[0]).toEqual(own);
    expect(data.length).toBe(pagination.totalItems);
    for (const shortUrl of data) expect(shortUrl.longUrl).toMatch(/\/(key|authored)$/);
  });
});
