import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, restClient } from '../support/rest.ts';

let plain: TestApp;
let append: TestApp;
let ignore: TestApp;

const PLAIN = 'https://example.com/target';

beforeAll(async () => {
  plain = await startApp();
  const others = { database: plain.database };
  append = await startApp({ REDIRECT_EXTRA_PATH_MODE: 'append' }, others);
  ignore = await startApp({ REDIRECT_EXTRA_PATH_MODE: 'ignore' }, others);
  await plain.create({ customSlug: 'abc' });
  await plain.create({ customSlug: 'own', longUrl: 'https://example.com/p?a=1#end' });
  await plain.create({ customSlug: 'bare', longUrl: 'https://example.com' });
  await plain.create({ customSlug: 'slash', longUrl: 'https://example.com/p/' });
});
afterAll(() => Promise.all([append.stop(), ignore.stop()]).then(() => plain.stop()));

/** Where the path leads, else the status. */
async function lead(app: TestApp, path: string, init: RequestInit = {}): Promise<string | number | null> {
  const { status, headers } = await app.request(path, init);
  return status === 302 ? headers.get('location') : status;
}

describe('what stands behind a short code', () => {
  test('makes it another path', async () => {
    for (const path of ['/abc/more', '/abc/', '/abc//']) expect(await lead(plain, path)).toBe(404);
  });

  test.each([
    ['/abc/more', `${PLAIN}/more`],
    ['/abc/more/and/more', `${PLAIN}/more/and/more`],
    ['/abc/more/', `${PLAIN}/more/`],
    ['/abc/', PLAIN],
    ['/abc', PLAIN],
    ['/own/x', 'https://example.com/p/x?a=1#end'],
    ['/own/x?b=2', 'https://example.com/p/x?a=1&b=2#end'],
    ['/own/x?a=2', 'https://example.com/p/x?a=2#end'],
    ['/bare/x', 'https://example.com/x'],
    ['/slash/x', 'https://example.com/p/x'],
    ['/%61bc/x', `${PLAIN}/x`],
    ['/abc/ü%ZZ%41"', `${PLAIN}/%C3%BC%25ZZ%41%22`],
    ['/abc//evil.example', `${PLAIN}//evil.example`],
    ['/bare//evil.example', 'https://example.com//evil.example'],
  ])('is appended to the target: %s', async (path, location) => {
    for (const _ of ['miss', 'hit']) expect(await lead(append, path)).toBe(location);
    expect(await lead(append, path, { method: 'HEAD' })).toBe(location);
  });

  test.each([
    ['/abc/more/and/more', PLAIN],
    ['/abc/', PLAIN],
    ['/own/x?b=2', 'https://example.com/p?a=1&b=2#end'],
  ])('is left out: %s', async (path, location) => {
    for (const _ of ['miss', 'hit']) expect(await lead(ignore, path)).toBe(location);
  });

  test('behind no short code is a path that does not exist', async () => {
    for (const path of ['/nobody/more', '/nobody/', '/%00/more']) {
      const before = append.services.counters.regular404;
      expect(await lead(append, path)).toBe(404);
      expect(append.services.counters.regular404).toBe(before + 1);
    }
    expect(append.visits().at(-1)).toMatchObject({ kind: 'regular_404' });
  });

  test('leaves the API and the pixel where they are', async () => {
    expect((await append.request('/rest/health')).status).toBe(200);
    expect((await append.request('/robots.txt/more')).status).toBe(404);
    expect((await append.request('/abc/track')).headers.get('content-type')).toBe('image/gif');
    expect(await lead(append, '/abc/x/track')).toBe(`${PLAIN}/x/track`);
  });

  test('is appended to the target of a rule, and a limit is kept', async () => {
    const path = await append.create({ maxVisits: 2 });
    const rest = restClient(append, await createKey(append));
    const conditions = [{ type: 'language', matchKey: null, matchValue: 'de' }];
    const redirectRules = [{ longUrl: 'https://example.com/de?x=1', conditions }];
    await rest('POST', `/short-urls${path}/redirect-rules`, { redirectRules });
    const german = { headers: { 'accept-language': 'de' } };
    expect(await lead(append, `${path}/more?y=2`, german)).toBe('https://example.com/de/more?x=1&y=2');
    expect(await lead(append, `${path}/more`)).toBe(`${PLAIN}/more`);
    expect(await lead(append, `${path}/more`)).toBe(404);
    expect(append.visits().at(-2)).toMatchObject({ shortCode: path.slice(1), redirectUrl: `${PLAIN}/more` });
  });

  test('is still appended when the limit was lifted by another process', async () => {
    const path = await append.create({ maxVisits: 1 });
    expect(await lead(append, `${path}/1`)).toBe(`${PLAIN}/1`);
    await append.sql`update short_urls set max_visits = null where short_code = ${path.slice(1)}`;
    await append.sql`delete from short_url_limits where short_code = ${path.slice(1)}`;
    expect(await lead(append, `${path}/2`)).toBe(`${PLAIN}/2`);
  });

  test('follows the methods of the redirect', async () => {
    expect((await append.request('/abc/more', { method: 'POST' })).status).toBe(405);
    await using any = await startApp(
      { REDIRECT_EXTRA_PATH_MODE: 'append', REDIRECT_STATUS_CODE: '307' },
      { database: plain.database },
    );
    const { status, headers } = await any.request('/abc/more', { method: 'POST', body: 'x' });
    expect({ status, location: headers.get('location') }).toEqual({ status: 307, location: `${PLAIN}/more` });
  });

  test('asks nothing of the database once the short URL is known', async () => {
    await lead(append, '/abc/more');
    await append.sql`alter table short_urls rename to hidden`;
    try {
      for (const path of ['/abc/1', '/abc/2/3']) expect(await lead(append, path)).toStartWith(PLAIN);
    } finally {
      await append.sql`alter table hidden rename to short_urls`;
    }
  });

  test('keeps long URLs from leading below short URLs of our own', async () => {
    const rest = restClient(append, await createKey(append));
    for (const longUrl of [`${append.url}/abc/more`, `${append.url}/any/thing/else`]) {
      expect(await rest('POST', '/short-urls', { longUrl })).toMatchObject({ status: 400 });
      expect((await append.shorten({ url: longUrl })).status).toBe(400);
    }
    expect(await rest('POST', '/short-urls', { longUrl: `${append.url}/rest/docs` })).toMatchObject({ status: 200 });
  });
});

describe('a slash at the end', () => {
  test('is not found, and leads where the short code does where that is configured', async () => {
    await using app = await startApp({ SHORT_URL_TRAILING_SLASH: 'true' }, { database: plain.database });
    for (const _ of ['miss', 'hit']) {
      expect(await lead(plain, '/abc/')).toBe(404);
      expect(await lead(app, '/abc/?b=2')).toBe(`${PLAIN}?b=2`);
      expect(await lead(app, '/abc')).toBe(PLAIN);
    }
    for (const path of ['/abc//', '/abc/more/', '/nobody/']) expect(await lead(app, path)).toBe(404);
  });
});
