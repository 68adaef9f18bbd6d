import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { RestClient } from '../support/rest.ts';
import { startVisitStage, type VisitStage } from '../support/visit-stage.ts';

let stage: VisitStage;

const at = (time: string) => ({ timeMs: Date.parse(time) });
const BOT = { isBot: true };

// In the order in which they are listed, each named by its user agent.
beforeAll(async () => {
  stage = await startVisitStage();
  await stage.visit('one', { ...at('2026-11-03T10:30:15.900Z'), userAgent: 'one c' });
  await stage.visit('two', { ...at('2026-11-03T10:30:15.100Z'), userAgent: 'two b', ...BOT });
  await stage.visit('three', { ...at('2026-11-03T00:00:00Z'), userAgent: 'three b' });
  await stage.visit('one', { ...at('2026-11-02T23:59:59.999Z'), userAgent: 'one b', ...BOT });
  await stage.visit('three', { ...at('2026-11-02T05:00:00Z'), userAgent: 'three a', ...BOT });
  await stage.visit('two', { ...at('2026-11-02T04:20:00Z'), userAgent: 'two a' });
  await stage.visit('one', { ...at('2026-10-01T00:00:00Z'), userAgent: 'one a' });
  const s = 'http://s.test/';
  await stage.visitOrphan(
    { ...at('2026-11-03T12:00:00Z'), userAgent: 'base', visitedUrl: s },
    { ...at('2026-11-02T12:00:00Z'), userAgent: 'invalid', visitedUrl: `${s}x`, kind: 'invalid_short_url', ...BOT },
    { ...at('2026-11-01T12:00:00Z'), userAgent: 'regular', visitedUrl: 'http://10.0.0.1/a/b', kind: 'regular_404' },
    { domainId: stage.domainId, userAgent: 'other', visitedUrl: 'https://other.test/', ...at('2026-10-01T12:00:00Z') },
  );
});
afterAll(() => stage[Symbol.asyncDispose]());

async function agents(path: string, client: RestClient = stage.admin): Promise<string> {
  const { status, body } = await client('GET', path);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { data, pagination } = body.visits;
  expect(pagination).toMatchObject({ totalItems: data.length, itemsInCurrentPage: data.length, pagesCount: 1 });
  return data.map(({ userAgent }: { userAgent: string }) => userAgent).join(', ');
}

const ALL = 'one c, two b, three b, one b, three a, two a, one a';

describe('lists, newest first:', () => {
  const cases: readonly [path: string, agents: string][] = [
    ['/visits/non-orphan', ALL],
    ['/visits/non-orphan?domain=DEFAULT', 'one c, two b, one b, two a, one a'],
    ['/visits/non-orphan?domain=s.test', 'one c, two b, one b, two a, one a'],
    ['/visits/non-orphan?domain=other.test', 'three b, three a'],
    ['/visits/non-orphan?domain=nobody.test', ''],
    ['/visits/non-orphan?domain=%2F', ''],
    ['/visits/non-orphan?excludeBots=true', 'one c, three b, two a, one a'],
    ['/short-urls/one/visits', 'one c, one b, one a'],
    ['/short-urls/one/visits?domain=s.test', 'one c, one b, one a'],
    ['/short-urls/three/visits?domain=other.test&excludeBots=1', 'three b'],
    ['/tags/both/visits', 'one c, two b, one b, two a, one a'],
    ['/tags/BOTH/visits?excludeBots=true', 'one c, two a, one a'],
    ['/tags/both/visits?domain=DEFAULT', 'one c, two b, one b, two a, one a'],
    ['/tags/both/visits?domain=other.test', ''],
    ['/tags/both/visits?domain=nobody.test', ''],
    ['/tags/third/visits', 'three b, three a'],
    ['/domains/DEFAULT/visits', 'one c, two b, one b, two a, one a'],
    ['/domains/s.test/visits', 'one c, two b, one b, two a, one a'],
    ['/domains/other.test/visits', 'three b, three a'],
    ['/visits/orphan', 'base, invalid, regular, other'],
    ['/visits/orphan?type=base_url', 'base, other'],
    ['/visits/orphan?type=regular_404&excludeBots=true', 'regular'],
    ['/visits/orphan?domain=DEFAULT', 'base, invalid'],
    ['/visits/orphan?domain=s.test&type=invalid_short_url', 'invalid'],
    ['/visits/orphan?domain=other.test', 'other'],
    ['/visits/orphan?domain=nobody.test', ''],
  ];
  test.each(cases)('%s', async (path, expected) => {
    expect(await agents(path)).toBe(expected);
  });
});

describe('dates, whose seconds count whole:', () => {
  const cases: readonly [dates: string, agents: string][] = [
    ['startDate=2026-11-03', 'one c, two b, three b'],
    ['startDate=2026-11-03T00:00:01Z', 'one c, two b'],
    ['startDate=2026-11-03T10:30:15Z', 'one c, two b'],
    ['startDate=2026-11-03T10:30:16Z', ''],
    ['startDate=2026-11-02T06:00:00%2B02:00', 'one c, two b, three b, one b, three a, two a'],
    ['endDate=2026-11-03T10:30:15Z', ALL],
    ['endDate=2026-11-03T10:30:14Z', 'three b, one b, three a, two a, one a'],
    ['endDate=2026-11-02T23:59:59Z', 'one b, three a, two a, one a'],
    ['endDate=2026-11-02T23:59:58Z', 'three a, two a, one a'],
    ['endDate=2026-09-30', ''],
    ['startDate=2026-11-02T04:10:00Z&endDate=2026-11-02T04:19:59Z', ''],
    ['startDate=2026-11-02T04:10:00Z&endDate=2026-11-02T04:20:00Z', 'two a'],
    ['startDate=2026-11-02T04:10:00Z&endDate=2026-11-02T05:00:00Z', 'three a, two a'],
    ['startDate=2026-11-02T04:30:00Z&endDate=2026-11-03T10:10:00Z', 'three b, one b, three a'],
    ['startDate=2026-11-03&endDate=2026-11-02', ''],
    ['startDate=2120-01-01', ''],
    ['startDate=0001-01-01&endDate=9999-12-31T23:59:59Z', ALL],
  ];
  test.each(cases)('%s', async (dates, expected) => {
    expect(await agents(`/visits/non-orphan?${dates}`)).toBe(expected);
  });

  test('leave out bots too', async () => {
    expect(await agents('/visits/non-orphan?startDate=2026-11-02T23:30:00Z&excludeBots=true')).toBe('one c, three b');
  });

  test('apply to every kind of list', async () => {
    const dates = 'startDate=2026-11-02T23:30:00Z&endDate=2026-11-03T11:00:00Z';
    expect(await agents(`/short-urls/one/visits?${dates}`)).toBe('one c, one b');
    expect(await agents(`/tags/both/visits?${dates}`)).toBe('one c, two b, one b');
    expect(await agents(`/domains/other.test/visits?${dates}`)).toBe('three b');
    expect(await agents('/visits/orphan?startDate=2026-11-02&endDate=2026-11-03')).toBe('invalid');
  });
});

describe('pages', () => {
  test('follow each other', async () => {
    for (const path of ['/visits/non-orphan', '/tags/both/visits', '/short-urls/one/visits', '/visits/orphan']) {
      const { body: whole } = await stage.admin('GET', path);
      const paged: unknown[] = [];
      for (let page = 1; page <= 4; page++) {
        const { body } = await stage.admin('GET', `${path}?page=${page}&itemsPerPage=2`);
        paged.push(...body.visits.data);
        expect(body.visits.pagination).toEqual({
          currentPage: page,
          itemsPerPage: 2,
          itemsInCurrentPage: body.visits.data.length,
          pagesCount: Math.ceil(whole.visits.data.length / 2),
          totalItems: whole.visits.data.length,
        });
      }
      expect(paged).toEqual(whole.visits.data);
    }
  });

  test('far behind the end are empty and say how many there are', async () => {
    const { status, body } = await stage.admin('GET', '/visits/non-orphan?page=1000000000&itemsPerPage=10000');
    expect(status).toBe(200);
    expect(body.visits.data).toEqual([]);
    expect(body.visits.pagination).toMatchObject({ totalItems: 7, pagesCount: 1, currentPage: 1_000_000_000 });
  });

  test('show raw visits that are still kept, not all that were counted', async () => {
    await using other = await startVisitStage();
    await other.visit('one', at('2026-01-05T10:00:00Z'), at('2026-11-05T10:00:00Z'));
    await other.app.sql`delete from visits where visited_at < '2026-02-01'`;
    const path = '/short-urls/one';
    const { body } = await other.admin('GET', `${path}/visits`);
    expect(body.visits.pagination).toMatchObject({ totalItems: 1, itemsInCurrentPage: 1 });
    expect((await other.admin('GET', '/tags/both/visits')).body.visits.pagination).toMatchObject({ totalItems: 1 });
    expect((await other.admin('GET', path)).body.visitsSummary).toMatchObject({ total: 2 });
  });
});

describe('a visit', () => {
  const LOCATION = {
    countryCode: 'US',
    countryName: 'United States',
    regionName: 'California',
    cityName: 'Cupertino',
    latitude: 37.3042,
    longitude: -122.0946,
    timezone: 'America/Los_Angeles',
  };

  test('is answered with all that is known of it', async () => {
    await using other = await startVisitStage();
    await other.visit('one', {
      ...at('2026-11-05T10:00:00.999Z'),
      referrer: 'https://t.co/',
      userAgent: 'Mozilla',
      visitedUrl: 'https://s.test/one',
      redirectUrl: 'https://example.com/',
      location: LOCATION,
      isBot: true,
    });
    await other.visitOrphan({ ...at('2026-11-05T10:00:00Z'), location: { ...LOCATION, latitude: null, cityName: '' } });
    const { body } = await other.admin('GET', '/short-urls/one/visits');
    expect(body.visits.data).toEqual([
      {
        referer: 'https://t.co/',
        date: '2026-11-05T10:00:00+00:00',
        userAgent: 'Mozilla',
        visitLocation: LOCATION,
        potentialBot: true,
        visitedUrl: 'https://s.test/one',
        redirectUrl: 'https://example.com/',
      },
    ]);
    const { body: orphans } = await other.admin('GET', '/visits/orphan');
    expect(orphans.visits.data).toEqual([
      {
        referer: '',
        date: '2026-11-05T10:00:00+00:00',
        userAgent: '',
        visitLocation: { ...LOCATION, latitude: 0, cityName: '' },
        potentialBot: false,
        visitedUrl: null,
        redirectUrl: null,
        type: 'base_url',
      },
    ]);
  });
});

describe('refuses', () => {
  const cases: readonly [path: string, names: string][] = [
    ['/visits/orphan?type=other', 'type'],
    ['/visits/non-orphan?startDate=yesterday&endDate=x&page=0&itemsPerPage=0&excludeBots=no', 'startDate endDate page'],
    ['/tags/both/visits?domain=%00', 'domain'],
  ];
  test.each(cases)('%s', async (path, names) => {
    const { status, body } = await stage.admin('GET', path);
    expect([status, body.type]).toEqual([400, 'https://shlink.io/api/error/invalid-data']);
    expect(body.invalidElements.join(' ')).toStartWith(names);
  });

  test('what is not there', async () => {
    const notFound = async (path: string) => {
      const { status, body } = await stage.admin('GET', path);
      expect(status).toBe(404);
      return body;
    };
    expect(await notFound('/short-urls/nothing/visits?domain=other.test')).toEqual({
      type: 'https://shlink.io/api/error/short-url-not-found',
      title: 'Short URL not found',
      detail: 'No URL found with short code "nothing" for domain "other.test"',
      status: 404,
      shortCode: 'nothing',
      domain: 'other.test',
    });
    expect(await notFound('/tags/nothing/visits')).toEqual({
      type: 'https://shlink.io/api/error/tag-not-found',
      title: 'Tag not found',
      detail: 'Tag with name "nothing" could not be found',
      status: 404,
      tag: 'nothing',
    });
    expect(await notFound('/domains/nothing.test/visits')).toEqual({
      type: 'https://shlink.io/api/error/domain-not-found',
      title: 'Domain not found',
      detail: 'Domain with authority "nothing.test" could not be found',
      status: 404,
      authority: 'nothing.test',
    });
  });

  test('a name that no database can store', async () => {
    for (const path of ['/short-urls/%00/visits', '/tags/%00/visits', '/domains/%00/visits'])
      expect((await stage.admin('GET', path)).status).toBe(404);
  });
});

test('all of it is the same in older versions', async () => {
  const [key] = await stage.app.sql`select 1`;
  expect(key).toBeDefined();
  const newest = await stage.admin('GET', '/visits/orphan');
  for (const version of ['v1', 'v2']) expect(await stage.admin('GET', `/../${version}/visits/orphan`)).toEqual(newest);
});

describe('a key that may see', () => {
  test('its own short URLs only, sees visits of these', async () => {
    const { author } = stage;
    expect(await agents('/visits/non-orphan', author)).toBe('two b, two a');
    expect(await agents('/visits/non-orphan?domain=other.test', author)).toBe('');
    expect(await agents('/tags/both/visits', author)).toBe('two b, two a');
    expect(await agents('/domains/DEFAULT/visits', author)).toBe('two b, two a');
    expect(await agents('/short-urls/two/visits', author)).toBe('two b, two a');
    for (const path of ['/short-urls/one/visits', '/tags/first/visits', '/domains/other.test/visits'])
      expect((await author('GET', path)).status).toBe(404);
  });

  test('one domain only, sees visits of that', async () => {
    const { ofDomain } = stage;
    expect(await agents('/visits/non-orphan', ofDomain)).toBe('three b, three a');
    expect(await agents('/visits/non-orphan?domain=DEFAULT', ofDomain)).toBe('');
    expect(await agents('/tags/third/visits', ofDomain)).toBe('three b, three a');
    expect(await agents('/domains/other.test/visits', ofDomain)).toBe('three b, three a');
    expect(await agents('/domains/DEFAULT/visits', ofDomain)).toBe('');
    expect(await agents('/short-urls/three/visits?domain=other.test', ofDomain)).toBe('three b, three a');
    for (const path of ['/short-urls/one/visits', '/tags/both/visits'])
      expect((await ofDomain('GET', path)).status).toBe(404);
  });

  test('no orphan visits, sees all the others', async () => {
    expect(await agents('/visits/orphan', stage.noOrphans)).toBe('');
    expect(await agents('/visits/non-orphan', stage.noOrphans)).toBe(ALL);
    expect(await agents('/tags/both/visits', stage.noOrphans)).toBe('one c, two b, one b, two a, one a');
    expect(await agents('/visits/orphan', stage.author)).toBe('base, invalid, regular, other');
  });
});

test('the overview counts what a key may see', async () => {
  const overview = async (client: RestClient) => {
    const { nonOrphanVisits, orphanVisits } = (await client('GET', '/visits')).body.visits;
    return [nonOrphanVisits, orphanVisits].map(({ total, nonBots, bots }) => [total, nonBots, bots]);
  };
  expect(await overview(stage.admin)).toEqual([
    [7, 4, 3],
    [4, 3, 1],
  ]);
  expect(await overview(stage.author)).toEqual([
    [2, 1, 1],
    [4, 3, 1],
  ]);
  expect(await overview(stage.ofDomain)).toEqual([
    [2, 1, 1],
    [4, 3, 1],
  ]);
  expect(await overview(stage.noOrphans)).toEqual([
    [7, 4, 3],
    [0, 0, 0],
  ]);
});
