import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { MAX_TEXT_LENGTH, type VisitRecord } from '../../src/visits/record.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { rawGet } from '../support/http.ts';

let app: TestApp;
let other: number;
beforeAll(async () => {
  app = await startApp({ DEFAULT_INVALID_SHORT_URL_REDIRECT: 'https://example.com/lost' });
  other = await app.addDomain('other.test', { baseUrl: 'https://example.com/home' });
  await app.create({ customSlug: 'known' });
});
afterAll(() => app.stop());

/** The visits that something has caused. */
async function visitsOf(act: () => Promise<unknown>, of: TestApp = app): Promise<VisitRecord[]> {
  const before = of.visits().length;
  await act();
  return of.visits().slice(before);
}

describe('a redirect is a visit', () => {
  test('of its short URL, with what the visitor sent and was sent', async () => {
    const path = await app.create({ longUrl: 'https://example.com/target' });
    const headers = { referer: 'https://news.example/', 'user-agent': 'Mozilla/5.0' };
    const before = Date.now();
    const [visit, ...others] = await visitsOf(() => app.request(`${path}?a=b`, { headers }));
    expect(others).toEqual([]);
    expect(visit).toMatchObject({
      kind: 'short_url',
      domainId: 0,
      shortCode: path.slice(1),
      referrer: 'https://news.example/',
      userAgent: 'Mozilla/5.0',
      address: '127.0.0.0',
      visitedUrl: `${app.url}${path}?a=b`,
      redirectUrl: 'https://example.com/target?a=b',
    });
    expect(visit?.shortUrlId).toBeGreaterThan(0);
    expect(visit?.timeMs).toBeWithin(before, Date.now() + 1);
  });

  test('from memory and by way of the database alike, and with dates', async () => {
    const path = await app.create({ validUntil: new Date(Date.now() + 60_000) });
    const visits = await visitsOf(async () => {
      for (let i = 0; i < 3; i++) await app.request(path);
    });
    expect(visits.map(({ shortCode }) => shortCode)).toEqual(Array(3).fill(path.slice(1)));
  });

  test('as often as maxVisits lets it through, and orphaned beyond', async () => {
    const path = await app.create({ maxVisits: 3 });
    const visits = await visitsOf(() => Promise.all(Array.from({ length: 5 }, () => app.request(path))));
    expect(visits.map(({ kind }) => kind).sort()).toEqual([
      ...Array(2).fill('invalid_short_url'),
      ...Array(3).fill('short_url'),
    ]);
  });

  test('of the link that was served: on another domain its own, else that of the default domain', async () => {
    const path = await app.create();
    const headers = { host: 'other.test' };
    const [visit] = await visitsOf(() => app.request(path, { headers }));
    expect(visit).toMatchObject({ domainId: 0, shortCode: path.slice(1), visitedUrl: `http://other.test${path}` });
    await app.create({ domainId: other, customSlug: 'own' });
    const [own] = await visitsOf(() => app.request('/own', { headers }));
    expect(own).toMatchObject({ domainId: other, shortCode: 'own' });
  });
});

describe('an orphan visit', () => {
  test.each([
    ['/', 'base_url', ''],
    ['/nobody', 'invalid_short_url', 'https://example.com/lost'],
    ['/%00', 'invalid_short_url', 'https://example.com/lost'],
    ['/some/other/path?q=1', 'regular_404', ''],
    ['/favicon.ico', 'regular_404', ''],
    ['/restaurant/menu', 'regular_404', ''],
  ])('comes from %p: %s', async (path, kind, redirectUrl) => {
    const visits = await visitsOf(() => app.request(path));
    const visitedUrl = `${app.url}${path}`;
    expect(visits).toMatchObject([{ kind, shortCode: '', shortUrlId: 0, domainId: 0, visitedUrl, redirectUrl }]);
  });

  test('belongs to the domain that was asked', async () => {
    const visits = await visitsOf(() => app.request('/', { headers: { host: 'other.test' } }));
    expect(visits).toMatchObject([{ kind: 'base_url', domainId: other, redirectUrl: 'https://example.com/home' }]);
  });

  test('comes from a short URL that is not valid any more', async () => {
    const path = await app.create({ validUntil: new Date(Date.now() - 1) });
    const visits = await visitsOf(async () => [await app.request(path), await app.request(path)]);
    expect(visits.map(({ kind }) => kind)).toEqual(['invalid_short_url', 'invalid_short_url']);
  });
});

describe('no visit is', () => {
  test.each<[string, string, RequestInit]>([
    ['HEAD of a short URL', 'known', { method: 'HEAD' }],
    ['HEAD of anything else', 'nobody', { method: 'HEAD' }],
    ['a prefetch', 'known', { headers: { 'sec-purpose': 'prefetch' } }],
    ['a prerender', 'known', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
    ['a prefetch of older browsers', 'known', { headers: { purpose: 'prefetch' } }],
    ['a prefetch of what does not exist', 'nobody', { headers: { 'sec-purpose': 'prefetch' } }],
    ['a method that is not allowed', 'known', { method: 'POST' }],
    ['a path of the API that does not exist', 'rest/v3/nothing', {}],
    ['the root of the API', 'rest', {}],
    ['an answered path of the API', 'rest/health', {}],
  ])('%s', async (_name, path, init) => {
    expect(await visitsOf(() => app.request(`/${path}`, init))).toEqual([]);
  });

  test('a refused prefetch of a short URL with maxVisits', async () => {
    const path = await app.create({ maxVisits: 1 });
    expect(await visitsOf(() => app.request(path, { headers: { purpose: 'prefetch' } }))).toEqual([]);
  });
});

describe('what a visitor sends', () => {
  test('is cut at 2,048 characters', async () => {
    const path = await app.create();
    const headers = { 'user-agent': 'u'.repeat(5_000), referer: `https://example.com/${'r'.repeat(5_000)}` };
    const [visit] = await visitsOf(() => app.request(`${path}?${'q'.repeat(5_000)}`, { headers }));
    const lengths = [visit?.userAgent, visit?.referrer, visit?.visitedUrl, visit?.redirectUrl].map(
      (text) => text?.length,
    );
    expect(lengths).toEqual(Array(4).fill(MAX_TEXT_LENGTH));
  });

  test.each([
    ['a tab', 'a\tb', 'a b'],
    ['UTF-8', 'gr\xc3\xbc\xc3\x9fe \xf0\x9f\x98\x80', 'grüße 😀'],
    ['latin-1', 'gr\xfc\xdfe', 'grüße'],
    ['half a character', 'a\xf0\x9f\x98', 'a\xf0\x9f\x98'],
    ['no UTF-8', 'a\xc0\xafb', 'aÀ\xafb'],
    ['a coded surrogate', 'a\xed\xa0\x80b', 'aí\xa0\x80b'],
  ])('is well-formed text without controls: %s', async (_name, bytes, text) => {
    const path = await app.create();
    const visits = await visitsOf(() => rawGet(app.port, path, ['Host: localhost', `User-Agent: ${bytes}`]));
    expect(visits.map(({ userAgent }) => userAgent)).toEqual([text]);
  });

  test('is recorded without a Host that is one, and with what a Host must not be', async () => {
    const path = await app.create();
    const [bare] = await visitsOf(() => rawGet(app.port, path, ['Host: a b']));
    expect(bare).toMatchObject({ kind: 'short_url', visitedUrl: path });
    const [twice] = await visitsOf(() => rawGet(app.port, path, ['Host: first.test', 'Host: second.test']));
    expect(twice?.visitedUrl).toBe(`http://first.test${path}`);
  });
});
