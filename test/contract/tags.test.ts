import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createKey } from '../support/rest.ts';
import { API_KEY, type ContractClient, startContractClient } from './client.ts';
import { problemOf } from './problem-of.ts';

let client: ContractClient;
let authorKey: string;
let domainKey: string;

// apple: 3 short URLs, banana 2, cherry 1, "50%_off" none any more.
beforeAll(async () => {
  client = await startContractClient();
  const domainId = await client.app.addDomain('own.test');
  authorKey = await createKey(client.app, [{ role: 'AUTHORED_SHORT_URLS' }]);
  domainKey = await createKey(client.app, [{ role: 'DOMAIN_SPECIFIC', domainId }]);
  await client.create({ customSlug: 'one', tags: ['apple', 'banana', '50%_off'] });
  await client.create({ customSlug: 'two', tags: ['apple'], domain: 'own.test' });
  await createAs(authorKey, { customSlug: 'three', tags: ['apple', 'banana', 'cherry'] });
  await client.sdk.updateShortUrl({ shortCode: 'one' }, { tags: ['apple', 'banana'] });
  await client.app.sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
    select domain_id, short_code, short_url_id, 10 * length(short_code), 1 from short_urls`;
  // What another short URL of that name had: not of this one.
  await client.app.sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots) values (0, 'one', 999999, 1000)`;
});

afterAll(() => client[Symbol.asyncDispose]());

async function createAs(apiKey: string, fields: object): Promise<void> {
  const body = { longUrl: 'https://example.com/', ...fields };
  expect((await client.request('/short-urls', { method: 'POST', apiKey, body })).status).toBe(200);
}

const namesOf = async (query: string, apiKey = API_KEY) => {
  const { body } = await client.request(`/tags${query}`, { apiKey });
  return (body as { tags: { data: string[] } }).tags.data;
};

const rankingOf = async (query: string, apiKey = API_KEY) => {
  const { body } = await client.request(`/tags/stats${query}`, { apiKey });
  return (body as { tags: { data: { tag: string }[] } }).tags.data.map(({ tag }) => tag);
};

const stats = (tag: string, shortUrlsCount: number, nonBots: number, bots: number) => ({
  tag,
  shortUrlsCount,
  visitsSummary: { total: nonBots + bots, nonBots, bots },
});

describe('the list of tags', () => {
  test('has all of them by name, also one that is on no short URL any more', async () => {
    expect<unknown>(await client.sdk.listTags()).toEqual({
      data: ['50%_off', 'apple', 'banana', 'cherry'],
      pagination: { currentPage: 1, pagesCount: 1, itemsPerPage: 4, itemsInCurrentPage: 4, totalItems: 4 },
    });
  });

  test('comes in pages and in both directions', async () => {
    expect(await namesOf('?page=2&itemsPerPage=2&orderBy=tag-DESC')).toEqual(['apple', '50%_off']);
    expect(await namesOf('?page=9&itemsPerPage=2')).toEqual([]);
  });

  test.each([
    ['?searchTerm=AN', ['banana']],
    ['?searchTerm=%25', ['50%_off']],
    ['?searchTerm=l_', []],
  ])('%s finds %j', async (query, found) => {
    expect(await namesOf(query)).toEqual(found);
  });

  test.each(['?page=0', '?itemsPerPage=x', '?orderBy=visits-ASC', '?orderBy=tag-UP'])(
    '%s is refused',
    async (query) => {
      const { status, body } = await client.request(`/tags${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ type: 'https://shlink.io/api/error/invalid-data' });
    },
  );

  test('has, for restricted keys, what is on their short URLs', async () => {
    expect(await namesOf('', authorKey)).toEqual(['apple', 'banana', 'cherry']);
    expect(await namesOf('', domainKey)).toEqual(['apple']);
    expect(await namesOf('?searchTerm=b', domainKey)).toEqual([]);
  });
});

describe('statistics of tags', () => {
  test('count short URLs and their visits', async () => {
    const { data } = await client.sdk.tagsStats();
    expect<unknown[]>(data).toEqual([
      stats('50%_off', 0, 0, 0),
      stats('apple', 3, 110, 3),
      stats('banana', 2, 80, 2),
      stats('cherry', 1, 50, 1),
    ]);
  });

  test('count for restricted keys what they see', async () => {
    const { data } = await client.sdkFor(domainKey).tagsStats();
    expect<unknown[]>(data).toEqual([stats('apple', 1, 30, 1)]);
    const { body } = await client.request('/tags/stats?orderBy=shortUrlsCount-DESC', { apiKey: authorKey });
    expect(body).toMatchObject({ tags: { data: [stats('apple', 1, 50, 1), stats('banana', 1, 50, 1), {}] } });
  });

  test.each([
    ['?orderBy=tag-DESC&itemsPerPage=2', ['cherry', 'banana']],
    ['?orderBy=shortUrlsCount-DESC', ['apple', 'banana', 'cherry', '50%_off']],
    ['?orderBy=shortUrlsCount', ['50%_off', 'cherry', 'banana', 'apple']],
    ['?orderBy=visits-DESC&itemsPerPage=1&page=2', ['banana']],
    ['?orderBy=nonBotVisits-ASC&searchTerm=e', ['cherry', 'apple']],
  ])('%s gives %j', async (query, tags) => {
    expect(await rankingOf(query)).toEqual(tags);
  });
});

describe('renaming a tag', () => {
  const rename = (body: unknown, apiKey = API_KEY) => client.request('/tags', { method: 'PUT', body, apiKey });

  test('keeps it on its short URLs', async () => {
    await client.create({ customSlug: 'renamed', tags: ['old-name'] });
    await client.sdk.editTag({ oldName: 'old-name', newName: ' New Name ' });
    expect(await client.sdk.getShortUrl({ shortCode: 'renamed' })).toMatchObject({ tags: ['new-name'] });
    expect((await client.sdk.listShortUrls({ tags: ['new-name'] })).data).toHaveLength(1);
    await client.sdk.deleteTags(['new-name']);
  });

  test('to itself is nothing', async () => {
    expect(await rename({ oldName: 'apple', newName: 'apple' })).toMatchObject({ status: 204 });
  });

  test('to the name of another one is a conflict', async () => {
    expect((await rename({ oldName: 'apple', newName: 'banana' })).body).toEqual({
      type: 'https://shlink.io/api/error/tag-conflict',
      title: 'Tag conflict',
      detail: 'You cannot rename tag apple to banana, because it already exists',
      status: 409,
      oldName: 'apple',
      newName: 'banana',
    });
  });

  test('needs that there is one', async () => {
    expect((await rename({ oldName: 'nothing', newName: 'nothing' })).body).toEqual({
      type: 'https://shlink.io/api/error/tag-not-found',
      title: 'Tag not found',
      detail: 'Tag with name "nothing" could not be found',
      status: 404,
      tag: 'nothing',
    });
  });

  test.each([
    [{}, ['oldName', 'newName']],
    [{ oldName: 'apple' }, ['newName']],
    [{ oldName: 5, newName: '  ' }, ['oldName', 'newName']],
    [{ oldName: 'apple', newName: null }, ['newName']],
  ])('by %j is refused', async (body, invalidElements) => {
    expect((await rename(body)).body).toMatchObject({ status: 400, invalidElements });
  });

  test('is nothing for restricted keys', async () => {
    for (const apiKey of [authorKey, domainKey]) {
      expect((await rename({ oldName: 'apple', newName: 'pear' }, apiKey)).body).toEqual({
        type: 'https://shlink.io/api/error/forbidden-tag-operation',
        title: 'Forbidden tag operation',
        detail: 'You are not allowed to rename tags',
        status: 403,
      });
    }
  });
});

describe('deleting tags', () => {
  test('takes them off their short URLs; unknown ones are passed over', async () => {
    await client.create({ customSlug: 'tagged', tags: ['gone-1', 'gone-2', 'kept'] });
    await client.sdk.deleteTags(['gone-1', 'Gone 2'.toLowerCase(), 'never-was']);
    expect(await client.sdk.getShortUrl({ shortCode: 'tagged' })).toMatchObject({ tags: ['kept'] });
    await client.sdk.deleteTags(['kept']);
    expect(await namesOf('?searchTerm=gone')).toEqual([]);
  });

  test('of no names deletes none', async () => {
    expect(await client.request('/tags', { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect(await namesOf('')).toContain('apple');
  });

  test('is nothing for restricted keys', async () => {
    expect(await problemOf(client.sdkFor(authorKey).deleteTags(['cherry']))).toMatchObject({
      type: 'https://shlink.io/api/error/forbidden-tag-operation',
      detail: 'You are not allowed to delete tags',
    });
  });
});
