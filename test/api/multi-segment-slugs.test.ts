import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

let app: TestApp;
let rest: RestClient;

const PLAIN = 'https://example.com/target';

beforeAll(async () => {
  app = await startApp({ MULTI_SEGMENT_SLUGS_ENABLED: 'true' });
  rest = restClient(app, await createKey(app));
  for (const customSlug of ['guide', 'guide/intro', 'guide/intro/first', 'été/5*', 'guide/visits']) {
    await rest('POST', '/short-urls', {
      customSlug,
      longUrl: `${PLAIN}?${encodeURIComponent(customSlug)}`,
      crawlable: true,
    });
  }
});
afterAll(() => app.stop());

async function lead(path: string, from = app): Promise<string | number | null> {
  const { status, headers } = await from.request(path);
  return status === 302 ? headers.get('location') : status;
}

describe('a slug of several segments', () => {
  test.each([
    ['guide/a  b', 'guide/a--b'],
    ['/slashes/around/', 'slashes/around'],
    [' trimmed/it ', 'trimmed/it'],
    ['Case/Kept', 'Case/Kept'],
    ['go/🚀', 'go/🚀'],
    [Array(16).fill('x').join('/'), Array(16).fill('x').join('/')],
  ])('is created as %j', async (customSlug, shortCode) => {
    const { status, body } = await rest('POST', '/short-urls', { customSlug, longUrl: PLAIN });
    expect({ status, shortCode: body.shortCode, shortUrl: body.shortUrl }).toEqual({
      status: 200,
      shortCode,
      shortUrl: `http://localhost:${app.port}/${shortCode}`,
    });
    expect(await lead(`/${shortCode}`)).toBe(PLAIN);
  });

  test.each([
    ['track as the last segment', 'guide/track'],
    ['track in another case', 'guide/Track'],
    ['an empty segment', 'guide//intro'],
    ['slashes alone', '///'],
    ['a dot segment', 'guide/../intro'],
    ['what belongs to the API', 'rest/guide'],
    ['what belongs to the API in another case', 'REST/guide'],
    ['what is kept for the future', 'docs/intro'],
    ['too many segments', Array(17).fill('x').join('/')],
    ['too long', `${'x'.repeat(200)}/${'x'.repeat(55)}`],
  ])('is refused for %s', async (_, customSlug) => {
    const { status, body } = await rest('POST', '/short-urls', { customSlug, longUrl: PLAIN });
    expect({ status, invalid: body.invalidElements }).toEqual({ status: 400, invalid: ['customSlug'] });
  });

  test('can begin with a prefix', async () => {
    const made = async (fields: object) => (await rest('POST', '/short-urls', { longUrl: PLAIN, ...fields })).body;
    expect((await made({ pathPrefix: 'foo/b  ar/' })).shortCode).toMatch(/^foo\/b--ar\/\w{7}$/);
    expect((await made({ pathPrefix: 'foo/bar-' })).shortCode).toMatch(/^foo\/bar-\w{7}$/);
    expect((await made({ pathPrefix: 'foo/', customSlug: 'own' })).shortCode).toBe('foo/own');
    expect((await made({ pathPrefix: 'rest/' })).invalidElements).toEqual(['pathPrefix']);
  });

  test.each([
    ['/guide', 'guide'],
    ['/guide/intro', 'guide/intro'],
    ['/guide/intro/first', 'guide/intro/first'],
    ['/gu%69de/intr%6F', 'guide/intro'],
    ['/%C3%A9t%C3%A9/5*', 'été/5*'],
    ['/e%CC%81te%CC%81/5%2A', 'été/5*'],
  ])('is redirected: %s', async (path, slug) => {
    for (const _ of ['miss', 'hit']) expect(await lead(path)).toBe(`${PLAIN}?${encodeURIComponent(slug)}`);
  });

  test('is another than what is like it', async () => {
    for (const path of [
      '/guide/intr',
      '/guide/intro/',
      '/guide//intro',
      '/guide%2Fintro',
      '/Guide/intro',
      '/guide/intro/x',
    ]) {
      expect(await lead(path)).toBe(404);
    }
    expect(app.visits().at(-1)).toMatchObject({ kind: 'invalid_short_url' });
  });

  test('has a pixel', async () => {
    const { headers } = await app.request('/guide/intro/track');
    expect(headers.get('content-type')).toBe('image/gif');
    expect(app.visits().at(-1)).toMatchObject({ kind: 'short_url', shortCode: 'guide/intro', redirectUrl: '' });
    await app.request('/guide/track');
    expect(app.visits().at(-1)).toMatchObject({ kind: 'short_url', shortCode: 'guide' });
    expect(await lead('/guide/intro/%74rack')).toBe(404);
  });

  test('is in robots.txt', async () => {
    expect(await (await app.request('/robots.txt')).text()).toContain('\nAllow: /guide/intro\n');
  });

  test('cannot be what a long URL of our own leads to', async () => {
    const longUrl = `${app.url}/guide/intro`;
    expect((await rest('POST', '/short-urls', { longUrl })).body.invalidElements).toEqual(['longUrl']);
  });

  test('leaves the paths of the API to it', async () => {
    expect((await app.request('/rest/health')).status).toBe(200);
    expect(await lead('/robots.txt/more')).toBe(404);
  });
});

describe.each([
  ['with slashes as they are', 'guide/intro'],
  ['percent-encoded', 'guide%2Fintro'],
])('the REST API takes a slug of several segments %s:', (_, code) => {
  test('get, edit', async () => {
    expect((await rest('GET', `/short-urls/${code}`)).body).toMatchObject({ shortCode: 'guide/intro' });
    const edited = await rest('PATCH', `/short-urls/${code}`, { title: code });
    expect(edited.body).toMatchObject({ shortCode: 'guide/intro', title: code });
    expect((await app.request(`/rest/v1/short-urls/${code}`)).status).toBe(401);
  });

  test('redirect rules', async () => {
    const conditions = [{ type: 'language', matchKey: null, matchValue: 'de' }];
    const redirectRules = [{ longUrl: 'https://example.com/de', conditions }];
    const set = await rest('POST', `/short-urls/${code}/redirect-rules`, { redirectRules });
    expect(set).toMatchObject({ status: 200, body: { redirectRules: [{ priority: 1 }] } });
    expect((await rest('GET', `/short-urls/${code}/redirect-rules`)).body).toEqual(set.body);
    await rest('POST', `/short-urls/${code}/redirect-rules`, { redirectRules: [] });
  });

  test('visits and statistics', async () => {
    expect((await rest('GET', `/short-urls/${code}/visits?page=1`)).body).toMatchObject({ visits: { data: [] } });
    expect((await rest('GET', `/short-urls/${code}/stats?period=day`)).status).toBe(200);
    expect(await rest('DELETE', `/short-urls/${code}/visits`)).toMatchObject({
      status: 200,
      body: { deletedVisits: 0 },
    });
  });

  test('methods', async () => {
    const options = await app.request(`/rest/v3/short-urls/${code}`, { method: 'OPTIONS' });
    expect(options.headers.get('allow')).toBe('GET,PATCH,DELETE');
    const visits = await app.request(`/rest/v3/short-urls/${code}/visits`, { method: 'OPTIONS' });
    expect(visits.headers.get('allow')).toBe('GET,DELETE');
    expect((await rest('PUT', `/short-urls/${code}`)).status).toBe(405);
  });

  test('delete', async () => {
    const unknown = code.replace('intro', 'gone');
    await app.create({ customSlug: 'guide/gone' });
    expect((await rest('DELETE', `/short-urls/${unknown}`)).status).toBe(204);
    expect(await rest('DELETE', `/short-urls/${unknown}`)).toMatchObject({
      status: 404,
      body: { type: 'https://shlink.io/api/error/short-url-not-found', shortCode: 'guide/gone' },
    });
  });
});

test('where a slug ends like a route, the route wins unless the slash is encoded', async () => {
  expect((await rest('GET', '/short-urls/guide/visits')).body).toHaveProperty('visits');
  expect((await rest('GET', '/short-urls/guide%2Fvisits')).body).toMatchObject({ shortCode: 'guide/visits' });
  expect((await rest('PATCH', '/short-urls/guide/visits', { title: 'x' })).body).toMatchObject({
    shortCode: 'guide/visits',
  });
});

describe('together with extra paths', () => {
  let extra: TestApp;
  const lookups = () => extra.services.links.lookups.batchSizes.metric('', '')().samples.at(-1)?.value ?? 0;
  beforeAll(async () => {
    const settings = { REDIRECT_EXTRA_PATH_MODE: 'append', SHORT_URL_TRAILING_SLASH: 'true' };
    extra = await startApp({ MULTI_SEGMENT_SLUGS_ENABLED: 'true', ...settings }, { database: app.database });
  });
  afterAll(() => extra.stop());

  test.each([
    ['/guide/intro/second', `${PLAIN}/second?guide%2Fintro`],
    ['/guide/intro/second/', `${PLAIN}/second?guide%2Fintro`],
    ['/guide/intro/first', `${PLAIN}?guide%2Fintro%2Ffirst`],
    ['/guide/intro/first/', `${PLAIN}?guide%2Fintro%2Ffirst`],
    ['/guide/intro/first/and/more?x=y', `${PLAIN}/and/more?guide%2Fintro%2Ffirst&x=y`],
    ['/guide/other', `${PLAIN}/other?guide`],
    ['/guide//intro', `${PLAIN}//intro?guide`],
    [`/guide/${'x/'.repeat(40)}end`, `${PLAIN}/${'x/'.repeat(40)}end?guide`],
  ])('the longest slug wins: %s', async (path, location) => {
    for (const _ of ['miss', 'hit']) expect(await lead(path, extra)).toBe(location);
  });

  test('all of them are looked up by one statement', async () => {
    const before = lookups();
    expect(await lead('/nobody/a/b/c/d/e/f', extra)).toBe(404);
    expect(lookups()).toBe(before + 1);
    expect(await lead('/nobody/a/b/c/d/e/f', extra)).toBe(404);
    expect(lookups()).toBe(before + 1);
  });
});
