import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ErrorType, type ShlinkApiClient as Sdk } from '@shlinkio/shlink-js-sdk/api-contract';
import { storeVisits, visit } from '../support/stored-visits.ts';
import { type ContractClient, startContractClient } from './client.ts';
import { problemOf } from './problem-of.ts';

let client: ContractClient;
let sdk: Sdk;

const PLACE = {
  countryCode: 'ES',
  countryName: 'Spain',
  regionName: 'Aragón',
  cityName: 'Zaragoza',
  latitude: 41.65,
  longitude: -0.88,
  timezone: 'Europe/Madrid',
};
const at = (time: string) => ({ timeMs: Date.parse(time) });

// Each visit is known by its referrer.
beforeAll(async () => {
  client = await startContractClient();
  sdk = client.sdk;
  await client.create({ customSlug: 'visited', tags: ['fruit'] });
  await client.create({ customSlug: 'elsewhere', domain: 'other.test', tags: ['fruit'] });
  const { database } = client.app.services;
  const rows = await client.app.sql<{ shortCode: string; domainId: number; shortUrlId: number }[]>`
    select short_code as "shortCode", domain_id::int as "domainId", short_url_id::int as "shortUrlId" from short_urls`;
  for (const row of rows) {
    const ofRow = { kind: 'short_url' as const, ...row };
    await storeVisits(database, [
      visit({ ...ofRow, ...at('2026-11-03T10:00:00.5Z'), referrer: `${row.shortCode} new`, location: PLACE }),
      visit({ ...ofRow, ...at('2026-11-02T10:00:00Z'), referrer: `${row.shortCode} bot`, isBot: true }),
      visit({
        ...ofRow,
        ...at('2026-11-01T10:00:00Z'),
        referrer: `${row.shortCode} old`,
        visitedUrl: 'http://s.test/',
      }),
    ]);
  }
  await storeVisits(database, [
    visit({ ...at('2026-11-03T10:00:00Z'), referrer: 'base', visitedUrl: 'http://s.test/', location: PLACE }),
    visit({ ...at('2026-11-02T10:00:00Z'), referrer: 'path', kind: 'regular_404', isBot: true }),
  ]);
});
afterAll(() => client[Symbol.asyncDispose]());

const short = { shortCode: 'visited' };
const referrersOf = async (list: ReturnType<Sdk['getOrphanVisits']>) => (await list).data.map(({ referer }) => referer);

describe('the client library lists visits', () => {
  test('of a short URL, as the documents have them', async () => {
    const { data, pagination } = await sdk.getShortUrlVisits(short);
    expect<unknown>(data[0]).toEqual({
      referer: 'visited new',
      date: '2026-11-03T10:00:00+00:00',
      userAgent: '',
      visitLocation: PLACE,
      potentialBot: false,
      visitedUrl: null,
      redirectUrl: null,
    });
    expect<unknown>(pagination).toEqual({
      currentPage: 1,
      pagesCount: 1,
      itemsPerPage: 3,
      itemsInCurrentPage: 3,
      totalItems: 3,
    });
  });

  test('of a short URL by all that it can ask for', async () => {
    const asked = { startDate: '2026-11-01T10:00:00+00:00', endDate: '2026-11-03T10:00:00+00:00', excludeBots: true };
    expect(await referrersOf(sdk.getShortUrlVisits(short, asked))).toEqual(['visited new', 'visited old']);
    const second = await sdk.getShortUrlVisits(short, { ...asked, page: 2, itemsPerPage: 1 });
    expect(second.data.map(({ referer }) => referer)).toEqual(['visited old']);
    expect(second.pagination).toMatchObject({ currentPage: 2, pagesCount: 2, totalItems: 2 });
    const elsewhere = { shortCode: 'elsewhere', domain: 'other.test' };
    expect((await sdk.getShortUrlVisits(elsewhere)).pagination.totalItems).toBe(3);
  });

  test('of a tag', async () => {
    expect((await sdk.getTagVisits('fruit')).pagination.totalItems).toBe(6);
    expect(await referrersOf(sdk.getTagVisits('fruit', { domain: 'DEFAULT', excludeBots: true }))).toEqual([
      'visited new',
      'visited old',
    ]);
  });

  test('of a domain', async () => {
    expect((await sdk.getDomainVisits('DEFAULT')).pagination.totalItems).toBe(3);
    expect(await referrersOf(sdk.getDomainVisits('other.test', { excludeBots: true }))).toEqual([
      'elsewhere new',
      'elsewhere old',
    ]);
  });

  test('of all short URLs', async () => {
    expect((await sdk.getNonOrphanVisits()).pagination.totalItems).toBe(6);
    expect((await sdk.getNonOrphanVisits({ domain: 'other.test', itemsPerPage: 2 })).pagination).toMatchObject({
      pagesCount: 2,
      totalItems: 3,
    });
  });

  test('of no short URL', async () => {
    const { data } = await sdk.getOrphanVisits();
    expect(data).toMatchObject([
      { referer: 'base', type: 'base_url', visitLocation: PLACE },
      { referer: 'path', type: 'regular_404', visitLocation: null },
    ]);
    expect(await referrersOf(sdk.getOrphanVisits({ type: 'base_url', domain: 'DEFAULT' }))).toEqual(['base']);
    expect(await referrersOf(sdk.getOrphanVisits({ type: 'invalid_short_url' }))).toEqual([]);
  });

  test('and counts them', async () => {
    expect<unknown>(await sdk.getVisitsOverview()).toEqual({
      nonOrphanVisits: { total: 6, nonBots: 4, bots: 2 },
      orphanVisits: { total: 2, nonBots: 1, bots: 1 },
    });
    const summary = { total: 3, nonBots: 2, bots: 1 };
    const shortUrl = await sdk.getShortUrl(short);
    expect(shortUrl.visitsSummary).toEqual(summary);
    expect((await sdk.updateShortUrl(short, { title: 'Edited' })).visitsSummary).toEqual(summary);
    expect((await sdk.listShortUrls({ domain: 'DEFAULT' })).data[0]?.visitsSummary).toEqual(summary);
    const found = { longUrl: shortUrl.longUrl, customSlug: 'visited', tags: ['fruit'], findIfExists: true };
    expect((await sdk.createShortUrl(found)).visitsSummary).toEqual(summary);
  });
});

test('it is told what is not there, and what is wrong', async () => {
  expect(await problemOf(sdk.getShortUrlVisits({ shortCode: 'nothing' }))).toMatchObject({
    type: ErrorType.INVALID_SHORTCODE,
    status: 404,
  });
  expect(await problemOf(sdk.getTagVisits('nothing'))).toMatchObject({ type: ErrorType.TAG_NOT_FOUND, status: 404 });
  expect(await problemOf(sdk.getDomainVisits('nothing.test'))).toMatchObject({
    type: ErrorType.DOMAIN_NOT_FOUND,
    status: 404,
  });
  const { status, body } = await client.request('/visits/orphan?type=nothing');
  expect([status, body]).toMatchObject([400, { invalidElements: ['type'] }]);
});

test('it deletes visits', async () => {
  const { shortCode } = await client.create({ customSlug: 'forgotten' });
  expect(await sdk.deleteShortUrlVisits({ shortCode })).toEqual({ deletedVisits: 0 });
  expect(await sdk.deleteShortUrlVisits({ shortCode: 'elsewhere', domain: 'other.test' })).toEqual({
    deletedVisits: 3,
  });
  expect(await sdk.deleteOrphanVisits()).toEqual({ deletedVisits: 2 });
  expect((await sdk.getOrphanVisits()).data).toEqual([]);
  expect(await problemOf(sdk.deleteShortUrlVisits({ shortCode: 'nothing' }))).toMatchObject({
    type: ErrorType.INVALID_SHORTCODE,
  });
});
