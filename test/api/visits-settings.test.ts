import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { VisitRecord } from '../../src/visits/record.ts';
import { startApp } from '../support/app.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Asked {
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

const SENT = { 'user-agent': 'Mozilla/5.0', referer: 'https://news.example/' };

/** What a process with these variables records of requests for a short URL (`/known`) or other paths. */
async function recorded(variables: Record<string, string>, ...asked: readonly Asked[]): Promise<VisitRecord[]> {
  await using app = await startApp(variables, { database });
  await app.create({ customSlug: 'known' }).catch(() => {}); // an earlier test may have made it
  for (const { path = '/known', headers = {} } of asked) {
    await app.request(path, { headers: { ...SENT, ...headers } });
  }
  return app.visits();
}

describe('tracking', () => {
  test.each<[Record<string, string>, Partial<VisitRecord>]>([
    [{}, { address: '127.0.0.0', userAgent: SENT['user-agent'], referrer: SENT.referer }],
    [{ ANONYMIZE_REMOTE_ADDR: 'false' }, { address: '127.0.0.1' }],
    [{ DISABLE_IP_TRACKING: 'true' }, { address: '', userAgent: SENT['user-agent'] }],
    [{ DISABLE_UA_TRACKING: 'true' }, { userAgent: '', referrer: SENT.referer }],
    [{ DISABLE_REFERRER_TRACKING: 'true' }, { referrer: '', userAgent: SENT['user-agent'] }],
  ])('with %p', async (variables, expected) => {
    expect(await recorded(variables, {})).toMatchObject([expected]);
  });

  test('of all is off with DISABLE_TRACKING', async () => {
    await using app = await startApp({ DISABLE_TRACKING: 'true' }, { database });
    const path = await app.create();
    for (const asked of [path, `${path}/track`, '/', '/nobody', '/a/b']) await app.request(asked);
    expect(app.visits()).toEqual([]);
  });

  test('of orphans is off without TRACK_ORPHAN_VISITS', async () => {
    const paths = ['/', '/nobody', '/a/b', '/known'].map((path) => ({ path }));
    const visits = await recorded({ TRACK_ORPHAN_VISITS: 'false' }, ...paths);
    expect(visits.map(({ kind }) => kind)).toEqual(['short_url']);
  });

  test('is off for a URL with the parameter of DISABLE_TRACK_PARAM', async () => {
    const opted = ['/known?nostat', '/known?nostat=', '/known?a=b&nostat=1', '/known?%6eostat', '/nobody?nostat'];
    const tracked = ['/known?nostats', '/known?a=nostat', '/known?x=1'];
    const asked = [...opted, ...tracked].map((path) => ({ path }));
    const visits = await recorded({ DISABLE_TRACK_PARAM: 'nostat' }, ...asked);
    expect(visits.map(({ visitedUrl }) => visitedUrl.replace(/^http:..[^/]*/, ''))).toEqual(tracked);
  });

  test('is off for the addresses of DISABLE_TRACKING_FROM, also where addresses are not recorded', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const addresses = [
      '198.51.100.1',
      '198.51.100.2',
      '203.0.113.7',
      '10.20.30.40',
      '10.20.31.40',
      '2001:db8::7',
      '::1',
    ];
    const variables = { DISABLE_TRACKING_FROM: '198.51.100.1, 203.0.113.0/24, 10.*.30.*, 2001:db8::/32' };
    const visits = await recorded({ ...variables, ANONYMIZE_REMOTE_ADDR: 'false' }, ...addresses.map(from));
    expect(visits.map(({ address }) => address)).toEqual(['198.51.100.2', '10.20.31.40', '::1']);
    const hidden = await recorded({ ...variables, DISABLE_IP_TRACKING: 'true' }, ...addresses.map(from));
    expect(hidden.map(({ address }) => address)).toEqual(['', '', '']);
  });

  test('shows https in visited URLs where short URLs are https', async () => {
    const [visit] = await recorded({ IS_HTTPS_ENABLED: 'true' }, {});
    expect(visit?.visitedUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/known$/);
  });
});

describe('the visitor behind a proxy', () => {
  const FORWARDED: readonly [Record<string, string>, string][] = [
    [{ 'x-forwarded-for': '198.51.100.77' }, '198.51.100.0'],
    [{ 'x-forwarded-for': '2001:db8:1:2:3:4:5:6' }, '2001:db8:1::'],
    [{ 'x-forwarded-for': '203.0.113.9, 198.51.100.77' }, '198.51.100.0'],
    [{ forwarded: 'for="[2001:db8:7::1]:4711"' }, '2001:db8:7::'],
    [{ 'x-real-ip': '198.51.100.77' }, '198.51.100.0'],
    [{ 'x-forwarded-for': 'nonsense' }, '127.0.0.0'],
    [{ 'x-forwarded-for': `${'x'.repeat(4_000)}, 198.51.100.77` }, '198.51.100.0'],
    [{}, '127.0.0.0'],
  ];
  const asked = FORWARDED.map(([headers]) => ({ headers }));

  test('is who a trusted one names, asked once or often', async () => {
    const visits = await recorded({}, ...asked, ...asked);
    const expected = FORWARDED.map(([, address]) => address);
    expect(visits.map(({ address }) => address)).toEqual([...expected, ...expected]);
  });

  test('is nobody but the peer when it is not trusted', async () => {
    const visits = await recorded({ TRUSTED_PROXIES: 'none' }, ...asked);
    expect(visits.map(({ address }) => address)).toEqual(FORWARDED.map(() => '127.0.0.0'));
  });
});
