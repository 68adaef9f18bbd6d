import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AppError } from '../../src/lib/errors.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange } from '../support/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('a short URL', () => {
  test.each(['GET', 'HEAD'])('redirects by %s, from the database and then from memory', async (method) => {
    const path = await app.create({ longUrl: 'https://example.com/a?b=c#d' });
    for (const _ of ['miss', 'hit']) {
      const answer = await app.request(path, { method });
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toBe('https://example.com/a?b=c#d');
      expect(answer.headers.get('cache-control')).toBe('private, max-age=0');
      expect(await answer.text()).toBe('');
    }
  });

  test('redirects whatever the visitor accepts', async () => {
    const path = await app.create();
    expect((await app.request(path, { headers: HTML })).status).toBe(302);
    expect((await app.request(path, { headers: { accept: 'application/json' } })).status).toBe(302);
  });

  test('redirects again under a slug that was deleted and made anew', async () => {
    const key = { domainId: 0, shortCode: 'made-anew' };
    const path = await app.create({ customSlug: 'made-anew', longUrl: 'https://example.com/old' });
    await app.request(path);
    await app.services.shortUrls.delete(key, EVERYTHING);
    expect((await app.request(path)).status).toBe(404);
    await app.create({ customSlug: 'made-anew', longUrl: 'https://example.com/new' });
    expect((await app.request(path)).headers.get('location')).toBe('https://example.com/new');
  });

  test('redirects as edited at once in the process that edited it', async () => {
    const path = await app.create({ customSlug: 'edited' });
    await app.request(path);
    await app.services.shortUrls.edit(
      { domainId: 0, shortCode: 'edited' },
      { longUrl: 'https://example.com/edited' },
      EVERYTHING,
    );
    expect((await app.request(path)).headers.get('location')).toBe('https://example.com/edited');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('does not answer %s, known or not', async (method) => {
    for (const path of [await app.create(), '/unknown']) {
      const answer = await app.request(path, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
      expect(answer.headers.get('location')).toBeNull();
    }
  });
});

describe('what leads nowhere', () => {
  test.each(['/unknown', '/', '/a/b', '/rest', '/unknown?x=/abc'])('%s is a problem for programs', async (path) => {
    const answer = await app.request(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('vary')).toBe('accept');
    expect(await answer.json()).toEqual({
      type: 'https://shlink.io/api/error/not-found',
      title: 'Not found',
      detail: expect.any(String),
      status: 404,
    });
  });

  test.each(['/unknown', '/', '/a/b'])('%s is a page that runs nothing for browsers', async (path) => {
    const answer = await app.request(path, { headers: HTML });
    expect(answer.status).toBe(404);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      vary: 'accept',
    });
    const page = await answer.text();
    expect(page).toStartWith('<!doctype html>');
    expect(page).not.toContain('<script');
  });

  test('is answered without a body to HEAD', async () => {
    const answer = await app.request('/unknown', { method: 'HEAD' });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
  });

  test('shows nothing of what the visitor sent', async () => {
    for (const path of ['/%3Cscript%3Ealert(1)', '/unknown?%3Cscript%3E', '/a/%3Cscript%3E']) {
      expect((await (await app.request(path, { headers: HTML })).text()).toLowerCase()).not.toContain('script');
    }
  });
});

test('requests pipelined on one connection are all answered, in order', async () => {
  const paths = await Promise.all([1, 2, 3].map((n) => app.create({ longUrl: `https://example.com/${n}` })));
  for (const path of paths) await app.request(path);
  const order = Array.from({ length: 60 }, (_, i) => i % 3);
  const requests = order.map((i) => `GET ${paths[i]} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const last = `GET /a/b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const answers = await exchange(app.port, [...requests, last].join(''));
  expect(answers.slice(0, -1).map(({ headers }) => headers.location)).toEqual(
    order.map((i) => `https://example.com/${i + 1}`),
  );
  expect(answers.at(-1)?.status).toBe(404);
});

test.each(['rest', 'REST', 'robots.txt', 'favicon.ico', '.well-known', 'admin', 'Swagger', 'metrics'])(
  'a short URL cannot be called %s, which belongs to the API',
  async (customSlug) => {
    const refused = await app.create({ customSlug }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: 'invalid-data', extra: { invalidElements: ['customSlug'] } });
  },
);

test.each(['resting', 'rest.', 'admin1'])(
  'a short URL can be called %s, which only begins like a name of the API',
  async (slug) => {
    expect((await app.request(await app.create({ customSlug: slug }))).status).toBe(302);
  },
);
