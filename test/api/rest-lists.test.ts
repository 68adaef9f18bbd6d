import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { hashApiKey } from '../../src/api-keys/service.ts';
import type { ShortUrlAnswer } from '../../src/short-urls/answer.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startApp({ DEFAULT_DOMAIN: 's.test' });
  const domainId = await app.addDomain('other.test');
  const admin = await addKey('admin');
  const author = await addKey('author', 'AUTHORED_SHORT_URLS');
  await addKey('of-domain', 'DOMAIN_SPECIFIC', domainId);
  await app.create({ customSlug: 'one', authorApiKeyId: admin, title: 'Über uns' });
  await app.create({ customSlug: 'two', authorApiKeyId: author, title: 'zeta', maxVisits: 2 });
  await app.create({ customSlug: 'three', authorApiKeyId: author, title: 'Alpha', maxVisits: 2 });
  await app.create({ customSlug: 'four', authorApiKeyId: admin, domainId, longUrl: 'https://example.com/50%25_off' });
  await app.create({ customSlug: 'five', domainId, title: 'line\nbreak' });
  await app.sql`update short_url_limits set redirects = 2 where short_code = 'two'`;
  await countVisits({ one: [1, 5], three: [3, 0], five: [3, 1] });
});
afterAll(() => app.stop());

async function addKey(name: string, role?: string, domainId: number | null = null): Promise<number> {
  const [row] = await app.sql<{ id: number }[]>`
    insert into api_keys (key_hash, name) values (${hashApiKey(name)}, ${name}) returning api_key_id::int as id`;
  const id = row?.id ?? Number.NaN;
  if (role !== undefined)
    await app.sql`insert into api_key_roles (api_key_id, role, domain_id) values (${id}, ${role}, ${domainId})`;
  return id;
}

/** As the recorder will: [people, bots] by short code. */
async function countVisits(visits: Record<string, [number, number]>): Promise<void> {
  for (const [shortCode, [nonBots, bots]] of Object.entries(visits)) {
    await app.sql`
      insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
      select domain_id, short_code, short_url_id, ${nonBots}, ${bots} from short_urls where short_code = ${shortCode}`;
  }
}

interface ListAnswer {
  readonly data: readonly ShortUrlAnswer[];
  readonly pagination: Readonly<Record<string, number>>;
}

async function list(query: string, key = 'admin'): Promise<ListAnswer> {
  const answer = await app.request(`/rest/v3/short-urls?${query}`, { headers: { 'x-api-key': key } });
  if (answer.status !== 200) throw new Error(await answer.text());
  return ((await answer.json()) as { shortUrls: ListAnswer }).shortUrls;
}

const codes = async (query: string, key?: string) =>
  (await list(query, key)).data.map(({ shortCode }) => shortCode).join(' ');

describe('the order of', () => {
  const cases: readonly [query: string, codes: string][] = [
    ['orderBy=visits', 'two four three five one'],
    ['orderBy=visits-DESC', 'one five three two four'],
    ['orderBy=nonBotVisits', 'two four one three five'],
    ['orderBy=nonBotVisits-DESC', 'three five one two four'],
    ['orderBy=title', 'four three five two one'],
    ['orderBy=title-DESC', 'one two five three four'],
  ];

  test.each(cases)('%s', async (query, expected) => {
    expect(await codes(query)).toBe(expected);
    const pages = await Promise.all([1, 2, 3, 4].map((page) => codes(`${query}&itemsPerPage=2&page=${page}`)));
    expect(pages.filter((page) => page !== '').join(' ')).toBe(expected);
  });
});

test('recorded visits are summed up', async () => {
  const { data } = await list('searchTerm=one');
  expect(data.map(({ visitsSummary }) => visitsSummary)).toEqual([{ total: 6, nonBots: 1, bots: 5 }]);
});

test('a slug made anew starts without the visits of the old one', async () => {
  await app.create({ customSlug: 'again' });
  await countVisits({ again: [9, 9] });
  await app.services.shortUrls.delete({ domainId: 0, shortCode: 'again' }, EVERYTHING);
  await app.create({ customSlug: 'again' });
  const { data } = await list('searchTerm=again');
  expect(data.map(({ visitsSummary }) => visitsSummary.total)).toEqual([0]);
  expect(await codes('searchTerm=again&orderBy=visits-DESC')).toBe('again');
  await app.services.shortUrls.delete({ domainId: 0, shortCode: 'again' }, EVERYTHING);
});

describe('a search', () => {
  const cases: readonly [query: string, codes: string][] = [
    ['searchTerm=%C3%BCBER', 'one'],
    ['searchTerm=50%2525_', 'four'],
    ['searchTerm=5_%2525', ''],
    ['searchTerm=%5C', ''],
    ['searchTerm=s.test', 'three two one'],
    ['searchTerm=break', 'five'],
  ];

  test.each(cases)('%s', async (query, expected) => {
    expect(await codes(query)).toBe(expected);
  });

  test('looks at tags and at texts together', async () => {
    await app.sql`
      with made as (insert into tags (name) values ('alphabet') returning tag_id)
      insert into short_url_tags (domain_id, short_code, short_url_id, tag_id)
      select domain_id, short_code, short_url_id, tag_id from short_urls cross join made where short_code = 'one'`;
    expect(await codes('searchTerm=alpha')).toBe('three one');
    expect((await list('searchTerm=alpha')).pagination).toMatchObject({ totalItems: 2 });
  });
});

test('links that have served all their redirects can be left out', async () => {
  expect(await codes('excludeMaxVisitsReached=1')).toBe('five four three one');
});

describe('an API key', () => {
  test('that may see its own short URLs only lists these, and counts these', async () => {
    expect(await codes('', 'author')).toBe('three two');
    expect((await list('itemsPerPage=1', 'author')).pagination).toMatchObject({ totalItems: 2, pagesCount: 2 });
    expect(await codes('searchTerm=example', 'author')).toBe('three two');
    expect(await codes('orderBy=visits-DESC', 'author')).toBe('three two');
  });

  test('of one domain lists that domain, whichever is asked for', async () => {
    expect(await codes('', 'of-domain')).toBe('five four');
    expect(await codes('domain=DEFAULT', 'of-domain')).toBe('');
    expect(await codes('domain=OTHER.test', 'of-domain')).toBe('five four');
  });

  test('that may see everything can ask for those of another', async () => {
    expect(await codes('apiKeyName=author')).toBe('three two');
    expect(await codes('apiKeyName=nobody')).toBe('');
  });

  test('that is restricted is not told what others made', async () => {
    expect(await codes('apiKeyName=admin', 'author')).toBe('three two');
    expect(await codes('apiKeyName=admin', 'of-domain')).toBe('five four');
    expect(await codes('apiKeyName=of-domain', 'of-domain')).toBe('');
  });
});

describe('a page', () => {
  const cases: readonly [query: string, pagination: readonly number[]][] = [
    ['itemsPerPage=-1', [1, 1, 5, 5, 5]],
    ['itemsPerPage=20000', [1, 1, 10_000, 5, 5]],
    ['itemsPerPage=4&page=2', [2, 2, 4, 1, 5]],
    ['page=1000000000&itemsPerPage=10000', [1_000_000_000, 1, 10_000, 0, 5]],
    ['tags[]=nothing', [1, 1, 10, 0, 0]],
    ['tags[]=nothing&itemsPerPage=-1', [1, 1, 1, 0, 0]],
  ];

  test.each(cases)('of %s', async (query, expected) => {
    const [currentPage, pagesCount, itemsPerPage, itemsInCurrentPage, totalItems] = expected;
    const pagination = { currentPage, pagesCount, itemsPerPage, itemsInCurrentPage, totalItems };
    expect((await list(query)).pagination).toEqual(pagination as Record<string, number>);
  });
});

describe('what is wrong is named:', () => {
  const cases: readonly [query: string, names: string][] = [
    ['page=0', 'page'],
    ['page=1.5', 'page'],
    ['page=-1', 'page'],
    ['itemsPerPage=0', 'itemsPerPage'],
    ['itemsPerPage=-2', 'itemsPerPage'],
    ['itemsPerPage=ten', 'itemsPerPage'],
    ['searchTerm=%00', 'searchTerm'],
    ['tags[]=a&tags[]=%00', 'tags'],
    ['tagsMode=ANY', 'tagsMode'],
    ['excludeTags[]=%00', 'excludeTags'],
    ['excludeTagsMode=none', 'excludeTagsMode'],
    ['orderBy=id', 'orderBy'],
    ['orderBy=title-ASC-DESC', 'orderBy'],
    ['startDate=yesterday', 'startDate'],
    ['endDate=2026-02-30', 'endDate'],
    ['excludeMaxVisitsReached=yes', 'excludeMaxVisitsReached'],
    ['excludePastValidUntil=2', 'excludePastValidUntil'],
    ['domain=%00', 'domain'],
    ['apiKeyName=%00', 'apiKeyName'],
    ['orderBy=id&page=0&endDate=x', 'page orderBy endDate'],
  ];

  test.each(cases)('%s', async (query, names) => {
    const answer = await app.request(`/rest/v3/short-urls?${query}`, { headers: { 'x-api-key': 'admin' } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      type: 'https://shlink.io/api/error/invalid-data',
      invalidElements: names.split(' '),
    });
  });
});

test.each(['page=', 'startDate=', 'tags[]=', 'orderBy=&domain='])('%s counts as not given', async (query) => {
  expect((await list(query)).pagination).toMatchObject({ totalItems: 5 });
});

test("an offset's unescaped plus is understood", async () => {
  expect(await codes('startDate=2020-01-01T00:00:00+01:00')).toBe('five four three two one');
});

test('a list needs an API key', async () => {
  expect((await app.request('/rest/v3/short-urls')).status).toBe(401);
});
