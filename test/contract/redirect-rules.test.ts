import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createKey } from '../support/rest.ts';
import { type ContractClient, startContractClient } from './client.ts';
import { problemOf } from './problem-of.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient();
});

afterAll(() => client[Symbol.asyncDispose]());

const longUrl = 'https://example.com/ruled';
const condition = (type: string, matchValue: string | null, matchKey: string | null = null) => ({
  type,
  matchKey,
  matchValue,
});
const english = condition('language', 'en');

const set = (shortCode: string, body: unknown) =>
  client.request(`/short-urls/${shortCode}/redirect-rules`, { method: 'POST', body });
const setOne = (shortCode: string, conditions: unknown) => set(shortCode, { redirectRules: [{ longUrl, conditions }] });

test('a short URL has no rules', async () => {
  const shortUrl = await client.create();
  expect<unknown>(await client.sdk.getShortUrlRedirectRules(shortUrl)).toEqual({
    defaultLongUrl: 'https://example.com/target',
    redirectRules: [],
  });
});

test('rules are kept in the order sent, whatever their priority, and replace those before', async () => {
  const shortUrl = await client.create({ domain: 'other.test' });
  const key = { shortCode: shortUrl.shortCode, domain: 'other.test' };
  const first = { longUrl: `${longUrl}/1`, conditions: [english, condition('any-value-query-param', null, 'foo')] };
  const second = { longUrl: `${longUrl}/2`, conditions: [condition('query-param', '', 'foo')] };
  const answer = {
    defaultLongUrl: shortUrl.longUrl,
    redirectRules: [
      { ...first, priority: 1 },
      { ...second, priority: 2 },
    ],
  };
  const sent = { redirectRules: [{ ...first, priority: 7 }, second] } as never;
  expect<unknown>(await client.sdk.setShortUrlRedirectRules(key, sent)).toEqual(answer);
  expect<unknown>(await client.sdk.getShortUrlRedirectRules(key)).toEqual(answer);
  expect((await client.sdk.getShortUrl(key)).hasRedirectRules).toBe(true);
  const one = { defaultLongUrl: shortUrl.longUrl, redirectRules: [{ ...second, priority: 1 }] };
  expect<unknown>(await client.sdk.setShortUrlRedirectRules(key, { redirectRules: [second] } as never)).toEqual(one);
  expect<unknown>(await client.sdk.getShortUrlRedirectRules(key)).toEqual(one);
});

test.each([[{ redirectRules: [] }], [{}], [[]], [{ redirectRules: null }]])('%j takes the rules away', async (body) => {
  const { shortCode } = await client.create();
  await setOne(shortCode, [english]);
  expect((await set(shortCode, body)).body).toMatchObject({ redirectRules: [] });
  expect(await client.sdk.getShortUrl({ shortCode })).toMatchObject({ hasRedirectRules: false });
});

test('rules set by many at the same time are those of one of them', async () => {
  const { shortCode } = await client.create();
  await setOne(shortCode, [english]);
  const sizes = [3, 1, 4, 2];
  const answers = await Promise.all(
    sizes.map((size) =>
      set(shortCode, { redirectRules: Array(size).fill({ longUrl: `${longUrl}/${size}`, conditions: [english] }) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const { redirectRules } = await client.sdk.getShortUrlRedirectRules({ shortCode });
  const urls = new Set(redirectRules.map((rule) => rule.longUrl));
  expect([...urls]).toEqual([`${longUrl}/${redirectRules.length}`]);
});

test('a short URL made anew under the same slug has none of the rules before', async () => {
  const { shortCode } = await client.create({ customSlug: 'made-anew' });
  await setOne(shortCode, [english]);
  await client.sdk.deleteShortUrl({ shortCode });
  await client.create({ customSlug: 'made-anew' });
  expect(await client.sdk.getShortUrlRedirectRules({ shortCode })).toMatchObject({ redirectRules: [] });
});

describe('what can be asked for', () => {
  test.each([
    ['device', 'desktop', null],
    ['device', 'mobile', null],
    ['browser', 'android_browser', null],
    ['language', 'en_US', null],
    ['query-param', 'bar', 'foo'],
    ['query-param', null, 'foo'],
    ['any-value-query-param', null, 'foo'],
    ['valueless-query-param', null, 'foo'],
    ['ip-address', '1.2.3.4', null],
    ['ip-address', '1.2.3.0/24', null],
    ['ip-address', '1.2.*.4', null],
    ['ip-address', '2001:db8::/32', null],
    ['geolocation-country-code', 'US', null],
    ['geolocation-country-code', 'de', null],
    ['before-date', '2030-01-01T00:00:00+01:00', null],
    ['after-date', '2030-01-01', null],
  ])('%s %p %p', async (type, matchValue, matchKey) => {
    const { shortCode } = await client.create();
    const { status, headers, body } = await setOne(shortCode, [condition(type, matchValue, matchKey)]);
    expect(status).toBe(200);
    expect(headers.get('warning')).toBeNull();
    expect(body).toMatchObject({ redirectRules: [{ conditions: [{ type, matchValue, matchKey }] }] });
  });

  test('cities, with a warning where none are known', async () => {
    const { shortCode } = await client.create();
    const { status, headers } = await setOne(shortCode, [condition('geolocation-city-name', 'Berlin')]);
    expect(status).toBe(200);
    expect(headers.get('warning')).toContain('GEOIP_DATABASE');
  });
});

describe('refused:', () => {
  const bodies: readonly unknown[] = [
    { redirectRules: 'foo' },
    { redirectRules: ['foo'] },
    { redirectRules: [{ longUrl: 'invalid', conditions: [english] }] },
    { redirectRules: [{ longUrl: 'javascript:alert(1)', conditions: [english] }] },
    { redirectRules: [{ longUrl: 'http://s.test/loop', conditions: [english] }] },
    { redirectRules: [{ longUrl }] },
    { redirectRules: [{ longUrl, conditions: 'foo' }] },
    { redirectRules: [{ longUrl, conditions: [] }] },
    { redirectRules: [{ longUrl, conditions: ['foo'] }] },
    { redirectRules: Array(101).fill({ longUrl, conditions: [english] }) },
    { redirectRules: [{ longUrl, conditions: Array(51).fill(english) }] },
    ...[
      condition('invalid', 'foo'),
      condition('constructor', 'foo'),
      condition('device', 'toaster'),
      condition('device', null),
      condition('browser', 'lynx'),
      condition('language', 'no language'),
      condition('query-param', 'foo'),
      condition('any-value-query-param', 'foo'),
      condition('valueless-query-param', 'foo'),
      condition('ip-address', 'not an IP address'),
      condition('ip-address', '1.2.3'),
      condition('ip-address', '1.2.3.*.5'),
      condition('ip-address', '1.2.3.0/33'),
      condition('ip-address', '1.2.3.256'),
      condition('geolocation-country-code', 'XX'),
      condition('geolocation-country-code', 'Germany'),
      condition('geolocation-city-name', ' '),
      condition('before-date', 'tomorrow'),
      condition('after-date', '2026-02-30'),
      { type: 'language', matchKey: 5, matchValue: 'en' },
      condition('query-param', 'a\u0000b', 'foo'),
      condition('query-param', 'x'.repeat(513), 'foo'),
    ].map((wrong) => ({ redirectRules: [{ longUrl, conditions: [wrong] }] })),
  ];

  test.each(bodies.map((body) => [JSON.stringify(body).slice(0, 120), body] as const))('%s', async (_text, body) => {
    const { shortCode } = await client.create();
    await setOne(shortCode, [english]);
    expect((await set(shortCode, body)).body).toEqual({
      type: 'https://shlink.io/api/error/invalid-data',
      title: 'Invalid data',
      detail: 'Provided data is not valid',
      status: 400,
      invalidElements: ['redirectRules'],
    });
    expect(await client.sdk.getShortUrl({ shortCode })).toMatchObject({ hasRedirectRules: true });
  });
});

describe('a short URL that is not there or not for this key', () => {
  test('is looked for before the rules are judged', async () => {
    expect((await set('none', { redirectRules: 'foo' })).body).toMatchObject({
      type: 'https://shlink.io/api/error/short-url-not-found',
      detail: 'No URL found with short code "none"',
      status: 404,
      shortCode: 'none',
    });
    expect(await problemOf(client.sdk.getShortUrlRedirectRules({ shortCode: 'none', domain: 'x.test' }))).toMatchObject(
      {
        type: 'https://shlink.io/api/error/short-url-not-found',
        domain: 'x.test',
      },
    );
  });

  test('keeps its rules', async () => {
    const { shortCode } = await client.create();
    const sdk = client.sdkFor(await createKey(client.app, [{ role: 'AUTHORED_SHORT_URLS' }]));
    const notFound = { type: 'https://shlink.io/api/error/short-url-not-found' };
    expect(await problemOf(sdk.getShortUrlRedirectRules({ shortCode }))).toMatchObject(notFound);
    expect(await problemOf(sdk.setShortUrlRedirectRules({ shortCode }, { redirectRules: [] }))).toMatchObject(notFound);
  });
});
