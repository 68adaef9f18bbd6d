import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { ShlinkShortUrl } from '@shlinkio/shlink-js-sdk/api-contract';
import { type ContractClient, startContractClient } from './client.ts';

let client: ContractClient;

/** By slug, in order of creation. */
const SHORT_URLS = [
  { customSlug: 'mango', title: 'Same', tags: ['fruit', 'sweet'] },
  { customSlug: 'apple', title: 'same', tags: ['fruit'], longUrl: 'https://example.com/orchard' },
  { customSlug: 'zebra', tags: ['animal'], validUntil: '2020-01-01T00:00:00Z' },
  { customSlug: 'aloe', title: 'Plant', domain: 'other.test', tags: ['sweet'] },
  { customSlug: 'bear', title: 'Same', maxVisits: 5 },
];

beforeAll(async () => {
  client = await startContractClient();
  for (const fields of SHORT_URLS) await client.create(fields);
});

afterAll(() => client[Symbol.asyncDispose]());

interface List {
  readonly data: readonly ShlinkShortUrl[];
  readonly pagination: unknown;
}

async function list(query: string): Promise<List> {
  const { status, body } = await client.request(`/short-urls?${query}`);
  if (status !== 200) throw new Error(`not listed: ${JSON.stringify(body)}`);
  return (body as { shortUrls: List }).shortUrls;
}

const codes = async (query: string) => (await list(query)).data.map(({ shortCode }) => shortCode).join(' ');

test('short URLs are listed newest first', async () => {
  expect(await codes('')).toBe('bear aloe zebra apple mango');
});

describe('a list query:', () => {
  const cases: readonly [query: string, codes: string][] = [
    ['orderBy=shortCode', 'aloe apple bear mango zebra'],
    ['orderBy=shortCode-ASC', 'aloe apple bear mango zebra'],
    ['orderBy=shortCode-DESC', 'zebra mango bear apple aloe'],
    ['orderBy=dateCreated-ASC', 'mango apple zebra aloe bear'],
    ['orderBy=dateCreated-DESC', 'bear aloe zebra apple mango'],
    ['tags[]=fruit', 'apple mango'],
    ['tags%5B%5D=fruit', 'apple mango'],
    ['tags[0]=fruit&tags[1]=animal', 'zebra apple mango'],
    ['tags%5B0%5D=fruit&tags%5B1%5D=animal', 'zebra apple mango'],
    ['tags[]=fruit&tags[]=sweet', 'aloe apple mango'],
    ['tags=fruit&tags=animal', 'zebra apple mango'],
    ['tags[]=fruit&tags[]=sweet&tagsMode=all', 'mango'],
    ['tags[]=fruit&tags[]=sweet&tagsMode=any', 'aloe apple mango'],
    ['excludeTags[]=fruit', 'bear aloe zebra'],
    ['excludeTags[]=fruit&excludeTags[]=sweet', 'bear zebra'],
    ['excludeTags[]=fruit&excludeTags[]=sweet&excludeTagsMode=all', 'bear aloe zebra apple'],
    ['tags[]=fruit&excludeTags[]=sweet', 'apple'],
    ['tags[]=unknown', ''],
    ['searchTerm=orchard', 'apple'],
    ['searchTerm=EBR', 'zebra'],
    ['searchTerm=plant', 'aloe'],
    ['searchTerm=anim', 'zebra'],
    ['searchTerm=other.te', 'aloe'],
    ['searchTerm=', 'bear aloe zebra apple mango'],
    ['searchTerm=%25', ''],
    ['searchTerm=nothing', ''],
    ['domain=DEFAULT', 'bear zebra apple mango'],
    ['domain=other.test', 'aloe'],
    ['domain=s.test', 'bear zebra apple mango'],
    ['domain=unknown.test', ''],
    ['excludePastValidUntil=true', 'bear aloe apple mango'],
    ['excludePastValidUntil=1', 'bear aloe apple mango'],
    ['excludePastValidUntil=false', 'bear aloe zebra apple mango'],
    ['excludeMaxVisitsReached=true', 'bear aloe zebra apple mango'],
    ['startDate=2020-01-01T00:00:00%2B01:00', 'bear aloe zebra apple mango'],
    ['startDate=2120-01-01T00:00:00Z', ''],
    ['endDate=2020-01-01', ''],
    ['page=2&itemsPerPage=2', 'zebra apple'],
    ['page=9&itemsPerPage=2', ''],
    ['page=3&itemsPerPage=2&orderBy=shortCode-ASC', 'zebra'],
    // Ties in order of insertion in both directions; no title sorts as empty.
    ['orderBy=visits-ASC', 'mango apple zebra aloe bear'],
    ['orderBy=visits-DESC', 'mango apple zebra aloe bear'],
    ['orderBy=nonBotVisits-DESC', 'mango apple zebra aloe bear'],
    ['orderBy=longUrl-ASC', 'apple mango zebra aloe bear'],
    ['orderBy=longUrl-DESC', 'mango zebra aloe bear apple'],
  ];

  test.each(cases)('%s', async (query, expected) => {
    expect(await codes(query)).toBe(expected);
  });

  test('no title sorts as an empty one', async () => {
    expect(await codes('orderBy=title-ASC')).toStartWith('zebra aloe');
    expect(await codes('orderBy=title-DESC')).toEndWith('aloe zebra');
  });

  test('the key by whose name it asks is known', async () => {
    expect(await codes('apiKeyName=nobody')).toBe('');
  });

  test.each(['orderBy=nothing', 'orderBy=title-UP', 'tagsMode=some', 'startDate=tomorrow'])(
    '%s is refused or ignored, but by no 500',
    async (query) => {
      expect((await client.request(`/short-urls?${query}`)).status).toBeOneOf([200, 400]);
    },
  );
});

describe('the pagination object of', () => {
  const cases: readonly [query: string, pagination: readonly number[]][] = [
    ['', [1, 1, 10, 5, 5]],
    ['page=1&itemsPerPage=2', [1, 3, 2, 2, 5]],
    ['page=3&itemsPerPage=2', [3, 3, 2, 1, 5]],
    ['page=9&itemsPerPage=2', [9, 3, 2, 0, 5]],
    ['tags[]=fruit&itemsPerPage=1', [1, 2, 1, 1, 2]],
  ];

  test.each(cases)('"%s"', async (query, expected) => {
    const [currentPage, pagesCount, itemsPerPage, itemsInCurrentPage, totalItems] = expected;
    expect((await list(query)).pagination).toEqual({
      currentPage,
      pagesCount,
      itemsPerPage,
      itemsInCurrentPage,
      totalItems,
    });
  });

  test('nothing at all counts nothing', async () => {
    expect((await list('tags[]=unknown')).pagination).toMatchObject({
      currentPage: 1,
      itemsInCurrentPage: 0,
      totalItems: 0,
    });
  });
});

test('listed short URLs are what getting them answers', async () => {
  for (const listed of (await list('')).data) expect(await client.sdk.getShortUrl(listed)).toEqual(listed);
});
