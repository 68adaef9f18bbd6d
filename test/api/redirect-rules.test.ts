import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { DataDir } from '../support/data-dir.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

let app: TestApp;
let rest: RestClient;

beforeAll(async () => {
  app = await startApp();
  rest = restClient(app, await createKey(app));
});
afterAll(() => app.stop());

type Row = readonly [type: string, matchValue: string | null, matchKey?: string];
type Sent = { readonly query?: string; readonly headers?: Record<string, string>; readonly method?: string };

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const ANDROID = `Mozilla/5.0 (Linux; Android 15; Pixel 9) ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`;
const ANDROID_BROWSER =
  'Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';
const WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`;
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const CHROMEOS = `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`;
const OPERA = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/139.0.0.0 Safari/537.36 OPR/123.0.0.0`;

const PLAIN = 'https://example.com/target';
const RULED = 'https://example.com/ruled?own=1#end';

async function setRules(path: string, rules: readonly { longUrl: string; conditions: readonly Row[] }[]) {
  const redirectRules = rules.map(({ longUrl, conditions }) => ({
    longUrl,
    conditions: conditions.map(([type, matchValue, matchKey = null]) => ({ type, matchKey, matchValue })),
  }));
  const { status } = await rest('POST', `/short-urls${path}/redirect-rules`, { redirectRules });
  expect(status).toBe(200);
}

async function ruled(...conditions: readonly Row[]): Promise<string> {
  const path = await app.create();
  await setRules(path, [{ longUrl: RULED, conditions }]);
  return path;
}

const visit = (path: string, { query = '', headers = {}, method = 'GET' }: Sent = {}) =>
  app.request(path + query, { headers, method });

const locationOf = async (path: string, sent?: Sent) => (await visit(path, sent)).headers.get('location');

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const using = (userAgent: string) => ({ headers: { 'user-agent': userAgent } });
const speaking = (language: string) => ({ headers: { 'accept-language': language } });

describe('a visitor is led by', () => {
  const cases: readonly [row: Row, who: Sent, others: Sent][] = [
    [['language', 'en'], speaking('en-UK,de;q=0.5'), speaking('de,en;q=0.8')],
    [['language', 'en-GB'], speaking('en-gb'), speaking('en')],
    [['query-param', 'b', 'a'], { query: '?a=b' }, { query: '?a=c' }],
    [['any-value-query-param', null, 'a'], { query: '?a=c' }, { query: '?b=c' }],
    [['valueless-query-param', null, 'a'], { query: '?a' }, { query: '?a=c' }],
    [['ip-address', '192.0.2.7'], from('192.0.2.7'), from('192.0.2.8')],
    [['ip-address', '192.0.2.0/28'], from('192.0.2.15'), from('192.0.2.16')],
    [['ip-address', '192.0.*.7'], from('192.0.99.7'), from('192.0.99.8')],
    [['ip-address', '2001:db8::/32'], from('2001:db8::9'), from('192.0.2.7')],
    [['geolocation-country-code', 'de'], from('85.13.128.1'), from('8.8.8.8')],
    [['before-date', '2999-01-01'], {}, { method: 'never' }],
    [['after-date', '2020-01-01'], {}, { method: 'never' }],
  ];

  test.each(cases)('%j', async (row, who, others) => {
    const path = await ruled(row);
    expect(await locationOf(path, who)).toStartWith('https://example.com/ruled');
    if (others.method !== 'never') expect(await locationOf(path, others)).toStartWith(PLAIN);
  });

  test.each([
    ['device', 'android', ANDROID, IPHONE],
    ['device', 'ios', IPHONE, ANDROID],
    ['device', 'mobile', ANDROID, WINDOWS],
    ['device', 'mobile', IPHONE, LINUX],
    ['device', 'windows', WINDOWS, LINUX],
    ['device', 'macos', MAC, IPHONE],
    ['device', 'linux', LINUX, ANDROID],
    ['device', 'chromeos', CHROMEOS, LINUX],
    ['device', 'desktop', CHROMEOS, ANDROID],
    ['device', 'desktop', MAC, ''],
    ['browser', 'chrome', CHROMEOS, WINDOWS],
    ['browser', 'edge', WINDOWS, CHROMEOS],
    ['browser', 'safari', MAC, CHROMEOS],
    ['browser', 'firefox', LINUX, WINDOWS],
    ['browser', 'opera', OPERA, CHROMEOS],
    ['browser', 'android_browser', ANDROID_BROWSER, ANDROID],
  ])('%s %s', async (type, value, who, others) => {
    const path = await ruled([type, value]);
    expect(await locationOf(path, using(who))).toBe(RULED);
    expect(await locationOf(path, using(others))).toBe(PLAIN);
  });

  test.each([
    ['before-date', '2020-01-01'],
    ['after-date', '2999-01-01'],
  ])('%s %s, but not now', async (type, value) => {
    expect(await locationOf(await ruled([type, value]))).toBe(PLAIN);
  });

  test('geolocation-city-name and -country-code, by GEOIP_DATABASE', async () => {
    await using dataDir = new DataDir();
    const GEOIP_DATABASE = await writeMmdb(dataDir, {
      '192.0.2.0/24': { country: { iso_code: 'DE' }, city: { names: { en: 'Munich' } } },
      '198.51.100.0/24': { country: { iso_code: 'FR' } },
    });
    await using located = await startApp({ GEOIP_DATABASE }, { database: app.database });
    const seen = async (path: string, address: string) =>
      (await located.request(path, from(address))).headers.get('location');
    const city = await ruled(['geolocation-city-name', 'munich']);
    expect(await seen(city, '192.0.2.77')).toBe(RULED);
    for (const address of ['192.0.3.1', '198.51.100.7', '::1']) expect(await seen(city, address)).toBe(PLAIN);
    const country = await ruled(['geolocation-country-code', 'FR']);
    expect(await seen(country, '198.51.100.127')).toBe(RULED);
    for (const address of ['198.51.101.1', '192.0.2.77']) expect(await seen(country, address)).toBe(PLAIN);
    const known = restClient(located, await createKey(located));
    const answer = await located.request(`/rest/v3/short-urls${city}/redirect-rules`, {
      method: 'POST',
      headers: { 'x-api-key': await createKey(located), 'content-type': 'application/json' },
      body: JSON.stringify((await known('GET', `/short-urls${city}/redirect-rules`)).body),
    });
    expect({ status: answer.status, warning: answer.headers.get('warning') }).toEqual({ status: 200, warning: null });
  });

  test('geolocation-city-name never without GEOIP_DATABASE, which is said when one is set', async () => {
    const warn = spyOn(app.services.log, 'warn');
    try {
      const path = await ruled(['geolocation-city-name', 'Berlin']);
      expect(await locationOf(path, from('85.13.128.1'))).toBe(PLAIN);
      expect(warn.mock.calls).toEqual([
        [expect.stringContaining('GEOIP_DATABASE is not set'), { shortCode: path.slice(1) }],
      ]);
    } finally {
      warn.mockRestore();
    }
  });

  test('an address that a stranger only claims counts for nothing', async () => {
    await using strict = await startApp({ TRUSTED_PROXIES: 'none' }, { database: app.database });
    const path = await ruled(['ip-address', '192.0.2.7']);
    const { headers } = await strict.request(path, from('192.0.2.7'));
    expect(headers.get('location')).toBe(PLAIN);
  });
});

describe('rules', () => {
  test('are tried in their order; all conditions of one have to be met', async () => {
    const path = await app.create();
    await setRules(path, [
      {
        longUrl: `${PLAIN}/both`,
        conditions: [
          ['language', 'en'],
          ['query-param', 'b', 'a'],
        ],
      },
      { longUrl: `${PLAIN}/english`, conditions: [['language', 'en']] },
      { longUrl: `${PLAIN}/never`, conditions: [['language', 'en']] },
    ]);
    expect(await locationOf(path, { ...speaking('en'), query: '?a=b' })).toBe(`${PLAIN}/both?a=b`);
    expect(await locationOf(path, { ...speaking('en'), query: '?a=c' })).toBe(`${PLAIN}/english?a=c`);
    expect(await locationOf(path, { query: '?a=b' })).toBe(`${PLAIN}?a=b`);
  });

  test('pass the query on to their target, unless the short URL does not', async () => {
    const path = await ruled(['any-value-query-param', null, 'a']);
    expect(await locationOf(path, { query: '?a=x+y&own=2' })).toBe('https://example.com/ruled?own=2&a=x%20y#end');
    const silent = await app.create({ forwardQuery: false });
    await setRules(silent, [{ longUrl: RULED, conditions: [['any-value-query-param', null, 'a']] }]);
    expect(await locationOf(silent, { query: '?a' })).toBe(RULED);
  });

  test('act from the moment they are set until they are taken away', async () => {
    const path = await app.create();
    expect(await locationOf(path, speaking('en'))).toBe(PLAIN);
    await setRules(path, [{ longUrl: RULED, conditions: [['language', 'en']] }]);
    expect(await locationOf(path, speaking('en'))).toBe(RULED);
    await setRules(path, []);
    expect(await locationOf(path, speaking('en'))).toBe(PLAIN);
  });

  test('act in other processes too', async () => {
    await using other = await startApp({}, { database: app.database });
    const path = await app.create();
    const seen = async () => (await other.request(path, speaking('en'))).headers.get('location');
    expect(await seen()).toBe(PLAIN);
    await setRules(path, [{ longUrl: RULED, conditions: [['language', 'en']] }]);
    await until(async () => (await seen()) === RULED);
  });

  test('hold for HEAD as well, and behind the dates of a short URL', async () => {
    const path = await ruled(['language', 'en']);
    expect(await locationOf(path, { ...speaking('en'), method: 'HEAD' })).toBe(RULED);
    const expired = await app.create({ validUntil: new Date(0) });
    await setRules(expired, [{ longUrl: RULED, conditions: [['language', 'en']] }]);
    expect((await visit(expired, speaking('en'))).status).toBe(404);
  });

  test('share the limit of their short URL', async () => {
    const path = await app.create({ maxVisits: 2 });
    await setRules(path, [{ longUrl: RULED, conditions: [['language', 'en']] }]);
    expect(await locationOf(path, speaking('en'))).toBe(RULED);
    expect(await locationOf(path)).toBe(PLAIN);
    expect((await visit(path, speaking('en'))).status).toBe(404);
  });
});

describe('an answer by rules is kept', () => {
  test.each<[string, Row, string, string | null]>([
    ['by browsers for what they say', ['language', 'en'], 'private, max-age=60', 'accept-language'],
    ['by browsers for what is in the address', ['query-param', 'b', 'a'], 'private, max-age=60', null],
    ['by nobody for where and when they are', ['ip-address', '192.0.2.7'], 'private, max-age=0', null],
    ['by nobody until a date', ['before-date', '2999-01-01'], 'private, max-age=0', null],
  ])('%s', async (_name, row, cacheControl, vary) => {
    const settings = {
      REDIRECT_STATUS_CODE: '301',
      REDIRECT_CACHE_LIFETIME: '60',
      REDIRECT_CACHE_VISIBILITY: 'public',
      // The first statement of a new process takes its time on a busy machine.
      LOOKUP_DEADLINE_MS: '5000',
    };
    await using permanent = await startApp(settings, { database: app.database });
    const { headers } = await permanent.request(await ruled(row), speaking('en'));
    expect(headers.get('cache-control')).toBe(cacheControl);
    expect(headers.get('vary')).toBe(vary);
  });
});
