import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { RestClient } from '../support/rest.ts';
import { startVisitStage, type VisitStage } from '../support/visit-stage.ts';

let stage: VisitStage;

const at = (time: string) => ({ timeMs: Date.parse(time) });
const place = (countryCode: string) => ({
  location: {
    countryCode,
    countryName: '',
    regionName: '',
    cityName: '',
    latitude: null,
    longitude: null,
    timezone: '',
  },
});
const BOT = { isBot: true };

beforeAll(async () => {
  stage = await startVisitStage();
  const chrome = { browser: 'chrome', os: 'android', device: 'android', referrerHost: 't.co' };
  await stage.visit(
    'one',
    { ...at('2026-03-28T22:59:59.999Z'), ...chrome, ...place('ES') },
    { ...at('2026-03-28T23:00:00Z'), ...chrome, ...place('ES') },
    { ...at('2026-03-29T00:30:00Z'), ...chrome, ...BOT },
    { ...at('2026-03-29T21:59:00Z'), browser: 'firefox', os: 'linux', device: 'desktop', ...place('FR') },
    { ...at('2026-03-29T22:00:00Z'), browser: 'firefox', os: 'linux', device: 'desktop', ...place('ES') },
    { ...at('2026-01-01T00:00:00Z') },
  );
  await stage.visit('two', { ...at('2026-03-29T12:00:00Z'), ...chrome });
  await stage.visit('three', { ...at('2026-03-29T13:00:00Z'), ...BOT });
  await stage.visitOrphan(
    { ...at('2026-03-29T12:00:00Z'), kind: 'regular_404', ...place('DE') },
    { ...at('2026-03-29T12:00:00Z'), kind: 'base_url', ...BOT },
    { ...at('2026-03-29T14:00:00Z'), kind: 'regular_404' },
  );
});
afterAll(() => stage[Symbol.asyncDispose]());

async function stats(path: string, client: RestClient = stage.admin) {
  const { status, body } = await client('GET', path);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.stats;
}

type Row = { readonly date: string; readonly total: number; readonly nonBots: number; readonly bots: number };

/** `date people+bots` of those that had visits. */
async function series(path: string, client?: RestClient): Promise<string[]> {
  const { series: rows, visitsSummary } = await stats(path, client);
  expect(visitsSummary.total).toBe(rows.reduce((sum: number, { total }: Row) => sum + total, 0));
  return rows.filter(({ total }: Row) => total > 0).map(({ date, nonBots, bots }: Row) => `${date} ${nonBots}+${bots}`);
}

const RANGE = 'startDate=2026-03-28&endDate=2026-03-30';
const ONE = '/short-urls/one/stats';

describe('the series', () => {
  test('of days in UTC has those without visits too', async () => {
    const { series: rows, ...rest } = await stats(`${ONE}?startDate=2026-03-27&endDate=2026-03-30T10:00:00Z`);
    expect(rows).toEqual([
      { date: '2026-03-27T00:00:00+00:00', total: 0, nonBots: 0, bots: 0 },
      { date: '2026-03-28T00:00:00+00:00', total: 2, nonBots: 2, bots: 0 },
      { date: '2026-03-29T00:00:00+00:00', total: 3, nonBots: 2, bots: 1 },
      { date: '2026-03-30T00:00:00+00:00', total: 0, nonBots: 0, bots: 0 },
    ]);
    expect(rest).toMatchObject({
      interval: 'day',
      timezone: 'UTC',
      startDate: '2026-03-27T00:00:00+00:00',
      endDate: '2026-03-30T10:00:00+00:00',
      visitsSummary: { total: 5, nonBots: 4, bots: 1 },
    });
  });

  test('of days goes by the clocks asked for, also on the day of 23 hours', async () => {
    expect(await series(`${ONE}?${RANGE}&timezone=Europe/Madrid`)).toEqual([
      '2026-03-28T00:00:00+01:00 1+0',
      '2026-03-29T00:00:00+01:00 2+1',
      '2026-03-30T00:00:00+02:00 1+0',
    ]);
    expect(await series(`${ONE}?${RANGE}&timezone=America/New_York`)).toEqual([
      '2026-03-28T00:00:00-04:00 2+1',
      '2026-03-29T00:00:00-04:00 2+0',
    ]);
  });

  test('counts an hour to the day in which it begins where that is half past', async () => {
    expect(await series(`/short-urls/two/stats?${RANGE}&timezone=Asia/Kolkata`)).toEqual([
      '2026-03-29T00:00:00+05:30 1+0',
    ]);
  });

  test('of hours', async () => {
    const path = `${ONE}?interval=hour&startDate=2026-03-28T22:30:00Z&endDate=2026-03-29T01:00:00Z`;
    expect((await stats(path)).series.map(({ date, total }: Row) => [date, total])).toEqual([
      ['2026-03-28T22:00:00+00:00', 1],
      ['2026-03-28T23:00:00+00:00', 1],
      ['2026-03-29T00:00:00+00:00', 1],
      ['2026-03-29T01:00:00+00:00', 0],
    ]);
    expect((await stats(`${path}&timezone=Europe/Madrid`)).series.map(({ date }: Row) => date)).toEqual([
      '2026-03-28T23:00:00+01:00',
      '2026-03-29T00:00:00+01:00',
      '2026-03-29T01:00:00+01:00',
      '2026-03-29T03:00:00+02:00',
    ]);
  });

  test('of months', async () => {
    const { series: rows } = await stats(`${ONE}?interval=month&startDate=2025-12-15&endDate=2026-03-29T23:00:00Z`);
    expect(rows.map(({ date, total }: Row) => [date, total])).toEqual([
      ['2025-12-01T00:00:00+00:00', 0],
      ['2026-01-01T00:00:00+00:00', 1],
      ['2026-02-01T00:00:00+00:00', 0],
      ['2026-03-01T00:00:00+00:00', 5],
    ]);
    expect(
      await series(`${ONE}?interval=month&startDate=2025-12-15&endDate=2026-03-29&timezone=America/New_York`),
    ).toEqual(['2025-12-01T00:00:00-05:00 1+0', '2026-03-01T00:00:00-05:00 2+1']);
  });

  test('leaves out bots', async () => {
    expect(await series(`${ONE}?${RANGE}&excludeBots=true`)).toEqual([
      '2026-03-28T00:00:00+00:00 2+0',
      '2026-03-29T00:00:00+00:00 2+0',
    ]);
  });

  test('ends now if nothing is said', async () => {
    const { series: rows, endDate } = await stats(ONE);
    expect(rows.length).toBe(31);
    expect(Math.abs(Date.parse(endDate) - Date.now())).toBeLessThan(60_000);
    expect((await stats(`${ONE}?interval=hour`)).series.length).toBe(49);
  });
});

describe('of', () => {
  const cases: readonly [path: string, series: readonly string[]][] = [
    ['/tags/both/stats', ['2026-03-28T00:00:00+00:00 2+0', '2026-03-29T00:00:00+00:00 3+1']],
    ['/tags/third/stats', ['2026-03-29T00:00:00+00:00 0+1']],
    ['/domains/DEFAULT/stats', ['2026-03-28T00:00:00+00:00 2+0', '2026-03-29T00:00:00+00:00 3+1']],
    ['/domains/other.test/stats', ['2026-03-29T00:00:00+00:00 0+1']],
    ['/visits/stats', ['2026-03-28T00:00:00+00:00 2+0', '2026-03-29T00:00:00+00:00 3+2']],
    ['/visits/orphan/stats', ['2026-03-29T00:00:00+00:00 2+1']],
  ];
  test.each(cases)('%s', async (path, expected) => {
    expect(await series(`${path}?${RANGE}`)).toEqual([...expected]);
  });

  test('another domain than the default one', async () => {
    expect(await series(`/short-urls/three/stats?domain=other.test&${RANGE}`)).toHaveLength(1);
    expect((await stage.admin('GET', '/short-urls/three/stats')).status).toBe(404);
  });
});

describe('breakdowns', () => {
  test('say with and from where, for whole days of UTC', async () => {
    const { breakdowns } = await stats(`${ONE}?startDate=2026-03-28T23:30:00Z&endDate=2026-03-29T00:00:00Z`);
    const share = (name: string | null, nonBots: number, bots = 0) => ({ name, total: nonBots + bots, nonBots, bots });
    expect(breakdowns).toEqual({
      firstDay: '2026-03-28',
      lastDay: '2026-03-29',
      countries: [share('ES', 3), share(null, 0, 1), share('FR', 1)],
      browsers: [share('chrome', 2, 1), share('firefox', 2)],
      operatingSystems: [share('android', 2, 1), share('linux', 2)],
      devices: [share('android', 2, 1), share('desktop', 2)],
      referrers: [share('t.co', 2, 1), share(null, 2)],
      types: [],
    });
  });

  test('leave out bots', async () => {
    const { breakdowns } = await stats(`${ONE}?${RANGE}&excludeBots=true`);
    expect(breakdowns.browsers).toEqual([
      { name: 'chrome', total: 2, nonBots: 2, bots: 0 },
      { name: 'firefox', total: 2, nonBots: 2, bots: 0 },
    ]);
    expect(breakdowns.countries).toHaveLength(2);
  });

  test('of orphan visits say of what type they were', async () => {
    const { breakdowns } = await stats(`/visits/orphan/stats?${RANGE}`);
    expect(breakdowns.types.map(({ name, total }: { name: string; total: number }) => [name, total])).toEqual([
      ['regular_404', 2],
      ['base_url', 1],
    ]);
  });

  test('put together what is rare', async () => {
    await using other = await startVisitStage();
    const hosts = Array.from({ length: 130 }, (_, i) => ({
      ...at('2026-03-29T00:00:00Z'),
      referrerHost: `host${i}.test`,
    }));
    // Over days, each of which tells some apart.
    const days = hosts.map((visit, i) => ({ ...visit, timeMs: visit.timeMs + (i % 10) * 86_400_000 }));
    await other.visit('one', ...days);
    const { body } = await other.admin('GET', `${ONE}?startDate=2026-03-29&endDate=2026-04-30`);
    const { referrers } = body.stats.breakdowns;
    expect(referrers).toHaveLength(101);
    expect(referrers[0]).toMatchObject({ name: 'other', total: 30 });
  });
});

test('raw visits need not be kept', async () => {
  await using other = await startVisitStage();
  await other.visit('one', at('2026-03-29T12:00:00Z'));
  await other.app.sql`truncate visits`;
  const { body } = await other.admin('GET', `${ONE}?${RANGE}`);
  expect(body.stats.visitsSummary.total).toBe(1);
});

describe('a key that may see', () => {
  const totals = async (client: RestClient, ...paths: string[]) =>
    Promise.all(paths.map(async (path) => (await stats(`${path}?${RANGE}`, client)).visitsSummary.total));

  test('its own short URLs only, sees statistics of these', async () => {
    const paths = ['/visits/stats', '/tags/both/stats', '/domains/DEFAULT/stats', '/short-urls/two/stats'];
    expect(await totals(stage.author, ...paths)).toEqual([1, 1, 1, 1]);
    for (const path of [ONE, '/tags/first/stats', '/domains/other.test/stats'])
      expect((await stage.author('GET', path)).status).toBe(404);
  });

  test('one domain only, sees statistics of that', async () => {
    const paths = ['/visits/stats', '/tags/third/stats', '/domains/other.test/stats', '/domains/DEFAULT/stats'];
    expect(await totals(stage.ofDomain, ...paths)).toEqual([1, 1, 1, 0]);
    for (const path of [ONE, '/tags/both/stats']) expect((await stage.ofDomain('GET', path)).status).toBe(404);
  });

  test('no orphan visits, sees none', async () => {
    expect(await totals(stage.noOrphans, '/visits/orphan/stats', '/visits/stats')).toEqual([0, 7]);
  });
});

describe('refuses', () => {
  const cases: readonly [query: string, names: string][] = [
    ['interval=week', 'interval'],
    ['startDate=x&endDate=y', 'startDate endDate'],
    ['excludeBots=maybe', 'excludeBots'],
    ['timezone=Europe/Nowhere', 'timezone'],
    ['timezone=%2B02:00', 'timezone'],
    ['timezone=UTC%00', 'timezone'],
    ['interval=hour&startDate=2026-01-01&endDate=2026-03-01', 'interval startDate endDate'],
    ['startDate=0001-01-01', 'interval startDate endDate'],
  ];
  test.each(cases)('%s', async (query, names) => {
    const { status, body } = await stage.admin('GET', `/visits/stats?${query}`);
    expect([status, body.type]).toEqual([400, 'https://shlink.io/api/error/invalid-data']);
    expect(body.invalidElements.join(' ')).toBe(names);
  });

  test('what is not there', async () => {
    for (const path of ['/short-urls/none/stats', '/tags/none/stats', '/domains/none.test/stats'])
      expect((await stage.admin('GET', path)).status).toBe(404);
    expect((await stage.app.request('/rest/v3/visits/stats')).status).toBe(401);
  });
});
