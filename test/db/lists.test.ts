import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Role } from '../../src/api-keys/api-key.ts';
import type { Database } from '../../src/db/database.ts';
import type { Services } from '../../src/services.ts';
import { findNames } from '../../src/short-urls/list-names.ts';
import { readListRequest } from '../../src/short-urls/list-request.ts';
import { countShortUrls, listShortUrls } from '../../src/short-urls/list-store.ts';
import { EVERYTHING, type Visibility, visibilityOf } from '../../src/short-urls/visibility.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestServices } from '../support/services.ts';
import { connect } from '../support/sql.ts';
import { insertListRows } from './list-rows.ts';
import { Planner } from './planner.ts';

// What PostgreSQL does for a list when there are many short URLs: every page by an index, none by reading all rows.

const COUNT = 50_000;

let database: TestDatabase;
let services: Services;

beforeAll(async () => {
  database = await createTestDatabase();
  await using sql = connect(database.url);
  await insertListRows(sql, COUNT);
  services = await createTestServices(database.url);
}, 60_000);
afterAll(async () => {
  await services.close();
  await database.drop();
});

const PAGE = 10;

const SHORT_URLS = /^short_urls(_|$)/;

async function selectionOf(query: string, visibility: Visibility = EVERYTHING) {
  const { filter, order } = readListRequest(`?${query}`);
  const names = await findNames(services.database, filter);
  const domainId = filter.domain === undefined ? undefined : await services.findDomain(filter.domain);
  const isAuthorAsked = filter.apiKeyName !== undefined;
  const selection = { filter, names, visibility, domainId, isAuthorAsked, isDefaultDomainSearched: false };
  return { selection, order };
}

async function scansOf(query: string, offset = 0, visibility: Visibility = EVERYTHING): Promise<string> {
  const { selection, order } = await selectionOf(query, visibility);
  const planner = new Planner(services.database);
  await listShortUrls(planner as unknown as Database, selection, order, { limit: PAGE, offset });
  return planner.scansOf(SHORT_URLS);
}

describe('the page is read by an index:', () => {
  const cases: readonly [query: string, index: string][] = [
    ['', 'short_urls_by_created_at'],
    ['orderBy=dateCreated', 'short_urls_by_created_at'],
    ['orderBy=shortCode', 'short_urls_by_short_code'],
    ['orderBy=shortCode-DESC', 'short_urls_by_short_code'],
    ['orderBy=longUrl', 'short_urls_by_long_url_start'],
    ['orderBy=longUrl-DESC', 'short_urls_by_long_url_start'],
    ['orderBy=title', 'short_urls_by_'],
    ['orderBy=title-DESC', 'short_urls_by_title'],
    ['orderBy=visits', 'short_urls_by_id'],
    ['orderBy=visits-DESC', 'short_urls_by_id'],
    ['orderBy=nonBotVisits-DESC', 'short_urls_by_id'],
    ['searchTerm=-33333', 'short_urls_by_text'],
    ['tags[]=tag999', 'short_urls_'],
    ['domain=d3.example', 'short_urls_by_domain'],
    ['domain=DEFAULT', 'short_urls_by_created_at'],
    ['startDate=2026-01-03&endDate=2026-01-03T00:10:00Z', 'short_urls_by_created_at'],
    ['apiKeyName=key2', 'short_urls_by_'],
    ['excludeTags[]=tag1', 'short_urls_by_created_at'],
    ['excludeMaxVisitsReached=true&excludePastValidUntil=true', 'short_urls_by_created_at'],
  ];

  test.each(cases)('%s', async (query, index) => {
    const scans = await scansOf(query);
    expect(scans).toContain(index);
    expect(scans).not.toContain('Seq Scan');
  });

  test('of an API key that sees its own short URLs only, or one domain', async () => {
    const roles: Role[] = [
      { type: 'AUTHORED_SHORT_URLS' },
      { type: 'DOMAIN_SPECIFIC', domainId: 3, authority: 'd3.example' },
    ];
    for (const role of roles) {
      const scans = await scansOf('', 0, visibilityOf({ apiKeyId: 2, name: null, roles: [role] }));
      expect(scans).toMatch(/short_urls_by_(author|domain|created_at)/);
      expect(scans).not.toContain('Seq Scan');
    }
  });

  test('by nothing but the index when it is a late one', async () => {
    expect(await scansOf('', COUNT / 2)).toContain('Index Only Scan short_urls_by_created_at');
    expect(await scansOf('orderBy=shortCode', COUNT / 2)).toContain('Index Only Scan short_urls_by_short_code');
  });
});

test('short URLs with most visits are found by the index of their totals', async () => {
  const { selection, order } = await selectionOf('orderBy=visits-DESC');
  const planner = new Planner(services.database);
  await listShortUrls(planner as unknown as Database, selection, order, { limit: PAGE, offset: 0 });
  expect(JSON.stringify(planner.plans)).toContain('short_url_visit_totals_by_visits');
});

test('all short URLs are counted by an index', async () => {
  const { selection } = await selectionOf('');
  const planner = new Planner(services.database);
  await countShortUrls(planner as unknown as Database, selection);
  expect(planner.scansOf(SHORT_URLS)).toContain('Index Only Scan');
});

test('a list is never planned for any values', async () => {
  const { selection, order } = await selectionOf('tags[]=tag1');
  const page = { limit: PAGE, offset: 0 };
  for (let i = 0; i < 3; i++) await listShortUrls(services.database, selection, order, page);
  const prepared = await services.database.run(
    'reports',
    (sql) =>
      sql`select from pg_prepared_statements where statement like '%short_url_tags st%limit%' and statement not like '%explain%'`,
    { retry: true },
  );
  expect(prepared).toHaveLength(0);
});

describe('pages put together are the list, each short URL once:', () => {
  test.each(['orderBy=title-DESC', 'orderBy=visits-DESC', 'orderBy=visits-ASC'])('%s', async (query) => {
    const { selection, order } = await selectionOf(`tags[]=tag30&${query}`);
    const all = await listShortUrls(services.database, selection, order, { limit: 10_000, offset: 0 });
    const paged = [];
    for (let offset = 0; offset < all.length + 7; offset += 7)
      paged.push(...(await listShortUrls(services.database, selection, order, { limit: 7, offset })));
    expect(all.length).toBe(await countShortUrls(services.database, selection));
    expect(paged.map(({ shortCode }) => shortCode)).toEqual(all.map(({ shortCode }) => shortCode));
    expect(new Set(paged.map(({ shortUrlId }) => shortUrlId)).size).toBe(all.length);
  });
});
