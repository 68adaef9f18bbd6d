import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { startApp } from '../support/app.ts';
import { createKey } from '../support/rest.ts';
import { API_KEY, ContractClient, type RequestOptions, startContractClient } from './client.ts';
import { problemOf } from './problem-of.ts';

const LANDING = 'https://landing.test/';

let client: ContractClient;
let authorKey: string;
let domainKey: string;

beforeAll(async () => {
  client = await startContractClient({ DEFAULT_REGULAR_404_REDIRECT: 'https://fallback.test/' });
  await client.create({ domain: 'zebra.test' });
  await client.create({ domain: 'apple.test' });
  await client.app.addDomain('unused.test');
  const domainId = await client.app.addDomain('own.test');
  authorKey = await createKey(client.app, [{ role: 'AUTHORED_SHORT_URLS' }]);
  domainKey = await createKey(client.app, [{ role: 'DOMAIN_SPECIFIC', domainId }]);
});

afterAll(() => client[Symbol.asyncDispose]());

const NONE = { baseUrlRedirect: null, regular404Redirect: null, invalidShortUrlRedirect: null };

const names = async (apiKey = API_KEY) => (await client.sdkFor(apiKey).listDomains()).data.map(({ domain }) => domain);
const set = (body: unknown, options: RequestOptions = {}) =>
  client.request('/domains/redirects', { method: 'PATCH', body, ...options });

describe('the list of domains', () => {
  test('has the default one first, then the others in use by name', async () => {
    const list = await client.sdk.listDomains();
    expect<unknown>(list).toEqual({
      data: [
        { domain: 's.test', isDefault: true, redirects: NONE },
        { domain: 'apple.test', isDefault: false, redirects: NONE },
        { domain: 'zebra.test', isDefault: false, redirects: NONE },
      ],
      defaultRedirects: { ...NONE, regular404Redirect: 'https://fallback.test/' },
    });
  });

  test('has those that only have redirects', async () => {
    await client.sdk.editDomainRedirects({ domain: 'only-redirects.test', baseUrlRedirect: LANDING });
    expect(await names()).toContain('only-redirects.test');
  });

  test('has, for a restricted key, its own', async () => {
    expect(await names(domainKey)).toEqual(['own.test']);
    expect(await names(authorKey)).toEqual(['s.test']);
    const body = { longUrl: LANDING, domain: 'zebra.test' };
    await client.request('/short-urls', { method: 'POST', body, apiKey: authorKey });
    expect(await names(authorKey)).toEqual(['s.test', 'zebra.test']);
  });
});

describe('setting redirects', () => {
  const visit = (host: string, path: string) => client.app.request(path, { headers: { host } });

  test('answers all three, and keeps those that are not sent', async () => {
    expect<unknown>(
      await client.sdk.editDomainRedirects({ domain: 'made.test', baseUrlRedirect: LANDING, regular404Redirect: null }),
    ).toEqual({ ...NONE, baseUrlRedirect: LANDING });
    const invalidShortUrlRedirect = 'https://landing.test/unknown';
    expect((await set({ domain: 'MADE.test', invalidShortUrlRedirect })).body).toEqual({
      ...NONE,
      baseUrlRedirect: LANDING,
      invalidShortUrlRedirect,
    });
    expect((await set({ domain: 'made.test' })).body).toMatchObject({ baseUrlRedirect: LANDING });
    expect((await set({ domain: 'made.test', baseUrlRedirect: null, invalidShortUrlRedirect: '' })).body).toEqual(NONE);
  });

  test('acts at once', async () => {
    await client.sdk.editDomainRedirects({ domain: 'acts.test', baseUrlRedirect: LANDING });
    expect((await visit('acts.test', '/')).headers.get('location')).toBe(LANDING);
    await client.sdk.editDomainRedirects({ domain: 'acts.test', baseUrlRedirect: null });
    expect((await visit('acts.test', '/')).status).toBe(404);
  });

  test('acts in other processes too', async () => {
    const { database } = client.app;
    await using other = new ContractClient(await startApp({ DEFAULT_DOMAIN: 's.test' }, { database }));
    await client.sdk.editDomainRedirects({ domain: 'other-process.test', invalidShortUrlRedirect: LANDING });
    const headers = { host: 'other-process.test' };
    await until(async () => (await other.app.request('/unknown', { headers })).headers.get('location') === LANDING);
  });

  test('is for the default domain as well', async () => {
    await client.sdk.editDomainRedirects({ domain: 'S.test', invalidShortUrlRedirect: LANDING });
    expect((await visit('s.test', '/unknown')).headers.get('location')).toBe(LANDING);
    expect((await client.sdk.listDomains()).data[0]?.redirects).toEqual({ ...NONE, invalidShortUrlRedirect: LANDING });
    await client.sdk.editDomainRedirects({ domain: 's.test', invalidShortUrlRedirect: null });
  });

  test.each([
    [{}, ['domain']],
    [{ domain: null }, ['domain']],
    [{ domain: '127.0.0.1' }, ['domain']],
    [{ domain: 'example.com:65536', invalidShortUrlRedirect: 5 }, ['domain', 'invalidShortUrlRedirect']],
    [{ domain: 'made.test', baseUrlRedirect: 'none' }, ['baseUrlRedirect']],
    [{ domain: 'made.test', regular404Redirect: 'javascript:alert(1)' }, ['regular404Redirect']],
    [{ domain: 'made.test', baseUrlRedirect: 'http://made.test/' }, ['baseUrlRedirect']],
    [{ domain: 'new.test', invalidShortUrlRedirect: 'http://new.test/unknown' }, ['invalidShortUrlRedirect']],
    [{ domain: 'made.test', invalidShortUrlRedirect: 'https://s.test/unknown' }, ['invalidShortUrlRedirect']],
  ])('to %j is refused', async (body, invalidElements) => {
    expect((await set(body)).body).toMatchObject({ status: 400, invalidElements });
  });

  test('is for the own domain of a key only, and not for authors', async () => {
    expect((await set({ domain: 'own.test', baseUrlRedirect: LANDING }, { apiKey: domainKey })).status).toBe(200);
    for (const [apiKey, domain] of [
      [domainKey, 'zebra.test'],
      [domainKey, 's.test'],
      [authorKey, 'zebra.test'],
    ] as const) {
      const { body } = await set({ domain, baseUrlRedirect: LANDING }, { apiKey });
      expect(body).toEqual({
        type: 'https://shlink.io/api/error/domain-not-found',
        title: 'Domain not found',
        detail: `Domain with authority "${domain}" could not be found`,
        status: 404,
        authority: domain,
      });
    }
  });
});

test('there is no Mercure hub', async () => {
  expect(await problemOf(client.sdk.mercureInfo())).toMatchObject({
    type: 'https://shlink.io/api/error/mercure-not-configured',
    title: 'Mercure integration not configured',
    status: 501,
  });
});
