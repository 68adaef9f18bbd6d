import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ErrorType, type ShlinkApiClient as Sdk, type ShlinkShortUrl } from '@shlinkio/shlink-js-sdk/api-contract';
import { type ContractClient, startContractClient } from './client.ts';
import { problemOf } from './problem-of.ts';

let client: ContractClient;
let sdk: Sdk;

beforeAll(async () => {
  client = await startContractClient();
  sdk = client.sdk;
});

afterAll(() => client[Symbol.asyncDispose]());

const longUrl = 'https://example.com/sdk';

describe('the client library of existing front ends', () => {
  test('creates a short URL with every field', async () => {
    const created = await sdk.createShortUrl({
      longUrl,
      customSlug: 'sdk-everything',
      title: 'Everything',
      tags: ['zebra', 'apple'],
      crawlable: true,
      forwardQuery: true,
      validSince: '2020-01-01T00:00:00+01:00',
      validUntil: '2120-01-01T00:00:00Z',
      maxVisits: 7,
      domain: 's.test',
    });
    expect(created).toEqual({
      shortCode: 'sdk-everything',
      shortUrl: 'http://s.test/sdk-everything',
      longUrl,
      dateCreated: expect.any(String),
      visitsSummary: { total: 0, nonBots: 0, bots: 0 },
      tags: ['zebra', 'apple'],
      meta: { validSince: '2019-12-31T23:00:00+00:00', validUntil: '2120-01-01T00:00:00+00:00', maxVisits: 7 },
      domain: null,
      title: 'Everything',
      crawlable: true,
      forwardQuery: true,
      hasRedirectRules: false,
    });
  });

  test('creates a short URL with a code of the length asked for', async () => {
    const { shortCode } = await sdk.createShortUrl({ longUrl, shortCodeLength: 9 });
    expect(shortCode).toHaveLength(9);
  });

  test('finds the short URL that exists', async () => {
    const created = await sdk.createShortUrl({ longUrl: `${longUrl}/found`, tags: ['found'] });
    const found = await sdk.createShortUrl({ longUrl: `${longUrl}/found`, tags: ['found'], findIfExists: true });
    expect(found).toEqual(created);
  });

  test('creates and gets a short URL of another domain', async () => {
    const { shortCode } = await sdk.createShortUrl({ longUrl, domain: 'other.test' });
    const found = await sdk.getShortUrl({ shortCode, domain: 'other.test' });
    expect(found).toMatchObject({ shortUrl: `http://other.test/${shortCode}`, domain: 'other.test' });
    expect(await problemOf(sdk.getShortUrl({ shortCode }))).toMatchObject({ type: ErrorType.INVALID_SHORTCODE });
  });

  test('gets what it has created', async () => {
    const created = await sdk.createShortUrl({ longUrl });
    expect(await sdk.getShortUrl(created)).toEqual(created);
  });

  test('changes what is sent and nothing else', async () => {
    const created = await sdk.createShortUrl({ longUrl, title: 'Old', tags: ['kept'], maxVisits: 3 });
    const changed: ShlinkShortUrl = { ...created, title: 'New', meta: { ...created.meta, maxVisits: null } };
    expect(await sdk.updateShortUrl(created, { title: 'New', maxVisits: null })).toEqual(changed);
    expect(await sdk.getShortUrl(created)).toEqual(changed);
  });

  test('deletes a short URL', async () => {
    const created = await sdk.createShortUrl({ longUrl });
    expect(await sdk.deleteShortUrl(created)).toBeUndefined();
    expect(await problemOf(sdk.getShortUrl(created))).toMatchObject({ type: ErrorType.INVALID_SHORTCODE });
    expect(await problemOf(sdk.deleteShortUrl(created))).toMatchObject({ type: ErrorType.INVALID_SHORTCODE });
  });

  test('lists short URLs by all that it can ask for', async () => {
    const tags = ['sdk-list'];
    const first = await sdk.createShortUrl({ longUrl, tags, title: 'a' });
    const second = await sdk.createShortUrl({ longUrl, tags, title: 'b' });
    await sdk.createShortUrl({ longUrl, tags: [...tags, 'sdk-unwanted'] });
    const list = await sdk.listShortUrls({
      page: '1',
      itemsPerPage: 5,
      searchTerm: 'example.com',
      domain: 'DEFAULT',
      tags,
      tagsMode: 'all',
      excludeTags: ['sdk-unwanted'],
      excludeTagsMode: 'any',
      orderBy: { field: 'title', dir: 'DESC' },
      startDate: '2020-01-01T00:00:00+01:00',
      endDate: '2120-01-01T00:00:00+01:00',
      excludeMaxVisitsReached: true,
      excludePastValidUntil: true,
    });
    expect(list.data).toEqual([second, first]);
    expect<unknown>(list.pagination).toEqual({
      currentPage: 1,
      pagesCount: 1,
      itemsPerPage: 5,
      itemsInCurrentPage: 2,
      totalItems: 2,
    });
  });

  test('lists short URLs by nothing in particular', async () => {
    const newest = await sdk.createShortUrl({ longUrl });
    const { data, pagination } = await sdk.listShortUrls();
    expect(data[0]).toEqual(newest);
    expect(pagination).toMatchObject({ currentPage: 1, itemsPerPage: 10 });
  });

  test('asks for health', async () => {
    expect(await sdk.health()).toMatchObject({ status: 'pass', version: expect.any(String) });
  });

  test('is told what was wrong', async () => {
    expect(await problemOf(sdk.createShortUrl({ longUrl, customSlug: 'sdk-everything' }))).toMatchObject({
      type: ErrorType.INVALID_SLUG,
      customSlug: 'sdk-everything',
    });
    expect(await problemOf(sdk.createShortUrl({ longUrl: 'none' }))).toMatchObject({
      type: ErrorType.INVALID_ARGUMENT,
      invalidElements: ['longUrl'],
    });
    expect(await problemOf(client.sdkFor('unknown').listShortUrls())).toMatchObject({
      type: ErrorType.INVALID_API_KEY,
      status: 401,
    });
  });
});
