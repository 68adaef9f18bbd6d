import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { rawGet } from '../support/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    DEFAULT_BASE_URL_REDIRECT: 'https://example.com/base',
    DEFAULT_INVALID_SHORT_URL_REDIRECT: 'https://example.com/invalid',
    DEFAULT_REGULAR_404_REDIRECT: 'https://example.com/regular',
  });
  await app.addDomain('own.example', {
    baseUrl: 'https://own.example/base?a=b',
    invalidShortUrl: 'https://own.example/ungültig',
    regular404: 'https://own.example/regular#c',
  });
  await app.addDomain('some.example', { invalidShortUrl: 'https://some.example/invalid' });
});
afterAll(() => app.stop());

const KINDS = { baseUrl: '/', invalidShortUrl: '/unknown', regular404: '/a/b' };

/** Where visitors of the host are sent for each kind of miss. */
async function redirects(host: string, method = 'GET'): Promise<Record<string, string | null>> {
  const entries = Object.entries(KINDS).map(async ([kind, path]) => {
    const answer = await app.request(path, { method, headers: { host } });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('cache-control')).toBe('private, max-age=0');
    return [kind, answer.headers.get('location')];
  });
  return Object.fromEntries(await Promise.all(entries));
}

const DEFAULTS = {
  baseUrl: 'https://example.com/base',
  invalidShortUrl: 'https://example.com/invalid',
  regular404: 'https://example.com/regular',
};

describe('who hits no short URL is sent', () => {
  test.each(['GET', 'HEAD'])('where the configuration says (%s)', async (method) => {
    expect(await redirects('localhost', method)).toEqual(DEFAULTS);
    expect(await redirects('unknown.example', method)).toEqual(DEFAULTS);
  });

  test('where the domain says', async () => {
    const own = {
      baseUrl: 'https://own.example/base?a=b',
      invalidShortUrl: 'https://own.example/ung%C3%BCltig',
      regular404: 'https://own.example/regular#c',
    };
    for (const host of ['own.example', 'OWN.example', 'own.example:80']) expect(await redirects(host)).toEqual(own);
  });

  test('where the configuration says if the domain says nothing', async () => {
    expect(await redirects('some.example')).toEqual({ ...DEFAULTS, invalidShortUrl: 'https://some.example/invalid' });
  });

  test('as from an invalid short URL by one that is over or used up, by a bad escape, and by what is no slug', async () => {
    const over = await app.create({ validUntil: new Date(0) });
    const used = await app.create({ maxVisits: 1 });
    await app.request(used);
    for (const path of [over, used, '/%ZZ', '/%00', `/${'x'.repeat(300)}`]) {
      expect((await app.request(path)).headers.get('location')).toBe(DEFAULTS.invalidShortUrl);
    }
  });

  test('as from any other path by the names that belong to the API', async () => {
    for (const path of ['/rest', '/REST', '/favicon.ico', '/abc/']) {
      expect((await app.request(path)).headers.get('location')).toBe(DEFAULTS.regular404);
    }
  });

  test('nowhere by other methods', async () => {
    for (const path of ['/', '/unknown']) {
      expect((await app.request(path, { method: 'DELETE' })).status).toBe(405);
    }
  });
});

test('{DOMAIN} and {ORIGINAL_PATH} stand for what was asked for, in path and query', async () => {
  await using filled = await startApp({
    DEFAULT_BASE_URL_REDIRECT: 'https://example.com/home/{DOMAIN}?from={DOMAIN}&path={ORIGINAL_PATH}#{DOMAIN}',
    DEFAULT_INVALID_SHORT_URL_REDIRECT: 'https://example.com/{ORIGINAL_PATH}?d={DOMAIN}',
    DEFAULT_REGULAR_404_REDIRECT: 'https://example.com/old{ORIGINAL_PATH}?p=%7BORIGINAL_PATH%7D',
  });
  await filled.addDomain('own.example', { invalidShortUrl: 'https://own.example/{domain}/404/{ORIGINAL_PATH}' });
  const lead = async (path: string, host: string) =>
    (await filled.request(path, { headers: { host } })).headers.get('location');
  const home = 'https://example.com/home/hop.example:81?from=hop.example%3A81&path=%2F#{DOMAIN}';
  expect(await lead('/?a=b', 'hop.example:81')).toBe(home);
  expect(await lead('/nobody?a=b', 'hop.example')).toBe('https://example.com/nobody?d=hop.example');
  expect(await lead('/nöbody%ZZ"', 'hop.example')).toBe('https://example.com/n%C3%B6body%25ZZ%22?d=hop.example');
  expect(await lead('/a/b?c', 'hop.example')).toBe('https://example.com/old/a/b?p=%2Fa%2Fb');
  expect(await lead('/nobody', 'own.example')).toBe('https://own.example/own.example/404/nobody');
  expect(filled.visits().at(-1)).toMatchObject({ redirectUrl: 'https://own.example/own.example/404/nobody' });
  const bare = await rawGet(filled.port, '/nobody', ['Host: a b']);
  expect(bare?.headers.location).toBe('https://example.com/nobody?d=');
});

test('the default domain’s own redirects win over the configured ones', async () => {
  await using own = await startApp({ DEFAULT_BASE_URL_REDIRECT: 'https://example.com/base' });
  await own.sql`
    with edited as (update domains set base_url_redirect = 'https://example.com/edited' where domain_id = 0)
    insert into short_url_changes (domain_id) values (0)`;
  await own.sql`select pg_notify('hop_changes', '')`;
  await until(async () => (await own.request('/')).headers.get('location') === 'https://example.com/edited');
});
