import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Database } from '../../src/db/database.ts';
import { listDomains } from '../../src/domains/list-store.ts';
import type { Services } from '../../src/services.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { readTagListRequest, TAG_ORDER_FIELDS } from '../../src/tags/request.ts';
import { TagService } from '../../src/tags/service.ts';
import { readVisitListRequest } from '../../src/visits/lists/list-request.ts';
import { VisitLists } from '../../src/visits/lists/list-service.ts';
import { readVisits } from '../../src/visits/lists/page-store.ts';
import type { VisitSet } from '../../src/visits/lists/visit-set.ts';
import { INTERVALS, readStatsRequest } from '../../src/visits/stats/request.ts';
import { readSeries, readShares } from '../../src/visits/stats/store.ts';
import { summarise } from '../../src/visits/summaries.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestServices } from '../support/services.ts';
import { connect } from '../support/sql.ts';
import { insertListRows } from './list-rows.ts';
import { Planner } from './planner.ts';
import { insertVisitRows, VISITS_END } from './visit-rows.ts';

// What PostgreSQL does for lists and statistics of visits: all by indexes, nothing by reading all visits or all days.

const SHORT_URLS = 10_000;
const VISITS = 30_000;

/** The tables that grow with short URLs or visits, and their indexes. */
const BIG = /^(visit|orphan_visits|short_url)/;

let database: TestDatabase;
let services: Services;
let shortUrl: VisitSet;

beforeAll(async () => {
  database = await createTestDatabase();
  await using sql = connect(database.url);
  await insertListRows(sql, SHORT_URLS);
  await insertVisitRows(sql, VISITS);
  const [row] = await sql<{ domainId: number; shortCode: string; shortUrlId: number }[]>`
    select domain_id::float8 as "domainId", short_code as "shortCode", short_url_id::float8 as "shortUrlId"
    from short_urls order by short_url_id limit 1`;
  if (row !== undefined) shortUrl = { of: 'short-url', ...row };
  services = await createTestServices(database.url);
}, 60_000);
afterAll(async () => {
  await services.close();
  await database.drop();
});

const RANGE = 'startDate=2026-05-03T10:20:30Z&endDate=2026-06-20T11:40:50Z';

/** The tag is rare, as most are, and one of its short URLs is on that domain. */
const SETS = {
  'a short URL': () => shortUrl,
  'a tag': () => ({ of: 'some', tagId: 232, visibility: EVERYTHING }),
  'a tag on a domain': () => ({ of: 'some', tagId: 232, domainId: 4, visibility: EVERYTHING }),
  'a domain': () => ({ of: 'domain', domainId: 3 }),
  'all short URLs': () => ({ of: 'all' }),
  'no short URL': () => ({ of: 'orphans' }),
  'base URLs': () => ({ of: 'orphans', kind: 'base_url' }),
  'no short URL of a domain': () => ({ of: 'orphans', site: { domainId: 3, authority: 'd3.example' } }),
  'a tag at the time': () => ({ of: 'tag', tagId: 2 }),
} satisfies Record<string, () => VisitSet>;
type SetName = keyof typeof SETS;

/** What PostgreSQL does when this is asked of it; nothing of it may be the reading of a big table. */
async function planOf(work: (database: Database) => Promise<unknown>): Promise<Planner> {
  const planner = new Planner(services.database);
  await work(planner as unknown as Database);
  expect(planner.plans).not.toBeEmpty();
  expect(planner.scansOf(BIG)).not.toContain('Seq Scan');
  return planner;
}

describe('visits are counted and listed by indexes:', () => {
  const cases: readonly [of: SetName, counts: RegExp, rows: string][] = [
    ['a short URL', /Scan short_url_visits_daily_pkey/, 'Index Scan visits_2026_06_pkey'],
    ['a tag', /Scan short_url_visit(_total|s_dail)\w+_pkey/, 'Index Scan visits_2026_06_pkey'],
    ['a tag on a domain', /Scan short_url_visit(_total|s_dail)\w+_pkey/, 'Index Scan visits_2026_06_pkey'],
    ['a domain', /Scan visits_daily_pkey/, 'Index Scan visits_2026_06_domain_id_visited_at_visit_id_idx'],
    ['all short URLs', /Scan visits_daily_pkey/, 'Index Scan visits_2026_06_visited_at_visit_id_idx'],
    ['no short URL', /Scan visits_daily_pkey/, 'Index Scan orphan_visits_2026_06_visited_at_visit_id_idx'],
    ['base URLs', /Scan orphan_visits_2026_06_kind/, 'Index Scan orphan_visits_2026_06_kind_visited_at_visit_id_idx'],
    ['no short URL of a domain', /Scan orphan_visits_2026_06_pkey/, 'Scan orphan_visits_2026_06_'],
  ];
  const queries = ['', 'excludeBots=true', RANGE, `${RANGE}&excludeBots=true`, 'page=2'];

  test.each(cases.flatMap((row) => queries.map((query) => [query, ...row] as const)))(
    '%s of %s',
    async (query, of, counts, rows) => {
      const { filter, paging } = readVisitListRequest(`?itemsPerPage=3&${query}`);
      const planner = await planOf((database) => new VisitLists(database).page(SETS[of](), filter, paging));
      expect(planner.scansOf(BIG)).toMatch(counts);
      expect(planner.scansOf(BIG)).toContain(rows);
    },
  );

  test('those of a short URL in the order of its key, however few of them are expected', async () => {
    const { filter } = readVisitListRequest(RANGE);
    const planner = await planOf((database) => readVisits(database, shortUrl, filter, { limit: 10, offset: 0 }));
    const scans = planner.stepsOn(/^visits_2026_06/);
    expect(scans.map((scan) => scan['Index Name'])).toEqual(['visits_2026_06_pkey']);
    // Its place in time included: neither end of the range is found by reading on.
    for (const bound of ['>=', '<=']) {
      expect(scans[0]?.['Index Cond']).toContain(`(ROW(domain_id, short_code, short_url_id, visited_at) ${bound} ROW(`);
    }
    expect(scans[0]?.['Plan Rows']).toBeGreaterThan(VISITS / 100);
    expect(JSON.stringify(planner.plans)).not.toContain('"Sort"');
  });

  test('a late page, found by days', async () => {
    const { filter, paging } = readVisitListRequest('?page=500&itemsPerPage=20');
    const planner = await planOf((database) => new VisitLists(database).page({ of: 'all' }, filter, paging));
    expect(planner.scansOf(/^visits_daily/)).toBe('Index Scan visits_daily_pkey');
    expect(JSON.stringify(planner.plans.at(-1))).not.toContain('"Sort"');
  });

  test('those of a tag, through all visits in their order', async () => {
    const { filter } = readVisitListRequest('');
    const window = { limit: 10, offset: 0 };
    const planner = await planOf((database) => readVisits(database, SETS['a tag'](), filter, window, 'walk'));
    expect(planner.scansOf(BIG)).toContain('Index Scan visits_2026_06_visited_at_visit_id_idx');
    expect(JSON.stringify(planner.plans)).not.toContain('"Sort"');
  });
});

describe('totals are read by their key:', () => {
  const cases: readonly [of: SetName, index: string][] = [
    ['a short URL', 'short_url_visit_totals_pkey'],
    ['a tag', 'short_url_visit_totals_pkey'],
    ['a domain', 'visit_totals_pkey'],
    ['all short URLs', 'visit_totals_pkey'],
    ['no short URL', 'visit_totals_pkey'],
    ['a tag at the time', 'visit_totals_pkey'],
  ];

  test.each(cases)('%s', async (of, index) => {
    const planner = await planOf((database) => summarise(database, SETS[of]()));
    expect(planner.scansOf(BIG)).toContain(`Index Scan ${index}`);
  });
});

describe('statistics read the days asked for by their key:', () => {
  const cases: readonly [of: SetName, index: string][] = [
    ['a short URL', 'short_url_visits_daily_pkey'],
    ['a tag', 'short_url_visits_daily_pkey'],
    ['a domain', 'visits_daily_pkey'],
    ['all short URLs', 'visits_daily_pkey'],
    ['no short URL', 'visits_daily_pkey'],
    ['a tag at the time', 'visits_daily_pkey'],
  ];

  test.each(cases.flatMap((row) => INTERVALS.map((interval) => [interval, ...row] as const)))(
    'by %s of %s',
    async (interval, of, index) => {
      const request = readStatsRequest(`?interval=${interval}`, VISITS_END);
      for (const read of [readSeries, readShares]) {
        const planner = await planOf((database) => read(database, SETS[of](), request));
        const days = planner.stepsOn(/visits_daily/);
        expect(days.map((step) => step['Index Name'])).toEqual([index]);
        expect(days[0]?.['Index Cond']).toMatch(/\(day >= .*\(day <= /);
      }
    },
  );
});

describe('tags and domains', () => {
  const ADMIN = { apiKeyId: 1, name: null, roles: [] };

  test('a page of tags is counted by the short URLs of these tags', async () => {
    const request = readTagListRequest('?page=200&itemsPerPage=2', TAG_ORDER_FIELDS);
    const planner = await planOf((database) => new TagService(database).stats(request, ADMIN));
    expect(planner.scansOf(/^tags/)).toContain('Index Scan tags_name_key');
    expect(planner.scansOf(BIG)).toContain('short_url_tags_by_tag');
    expect(planner.scansOf(BIG)).toContain('Index Scan short_url_visit_totals_pkey');
  });

  test('no short URL more than one is read to see that a domain has some', async () => {
    const planner = await planOf((database) => listDomains(database, EVERYTHING));
    expect(planner.scansOf(BIG)).toBe('Index Only Scan short_urls_pkey');
  });
});
