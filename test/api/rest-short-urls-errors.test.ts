import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

let app: TestApp;
let rest: RestClient;
beforeAll(async () => {
  app = await startApp();
  rest = restClient(app, await createKey(app));
});
afterAll(() => app.stop());

const longUrl = 'https://example.com/target';
const problem = (code: string, members: { status: number } & Record<string, unknown>) => ({
  status: members.status,
  type: 'application/problem+json',
  body: { type: `https://shlink.io/api/error/${code}`, ...members },
});

describe('a slug that is taken', () => {
  const taken = (detail: string, members: object) =>
    problem('non-unique-slug', { title: 'Invalid custom slug', detail, status: 400, ...members });

  test('is refused, naming the domain only if one was given', async () => {
    const body = { longUrl, customSlug: 'my slug' };
    const elsewhere = { ...body, domain: 'S.Example' };
    for (const create of [body, elsewhere]) expect((await rest('POST', '/short-urls', create)).status).toBe(200);
    const plain = taken('Provided slug "my-slug" is already in use.', { customSlug: 'my-slug' });
    expect(await rest('POST', '/short-urls', body)).toEqual(plain);
    expect(await rest('POST', '/short-urls', { ...body, domain: `localhost:${app.port}` })).toEqual(plain);
    expect(await rest('POST', '/short-urls', elsewhere)).toEqual(
      taken('Provided slug "my-slug" is already in use for domain "s.example".', {
        customSlug: 'my-slug',
        domain: 's.example',
      }),
    );
    const other = { ...body, longUrl: 'https://example.com/other', findIfExists: true };
    expect(await rest('POST', '/short-urls', other)).toEqual(plain);
  });
});

describe('a short URL that is not there', () => {
  const paths = [
    ['/short-urls/nobody', 'No URL found with short code "nobody"', { shortCode: 'nobody' }],
    [
      '/short-urls/nobody?domain=no.example',
      'No URL found with short code "nobody" for domain "no.example"',
      { shortCode: 'nobody', domain: 'no.example' },
    ],
    ['/short-urls/a%00b', 'No URL found with short code "a\0b"', { shortCode: 'a\0b' }],
    [
      '/short-urls/x?domain=1.2.3.4',
      'No URL found with short code "x" for domain "1.2.3.4"',
      { shortCode: 'x', domain: '1.2.3.4' },
    ],
  ] as const;

  test.each(['GET', 'PATCH', 'DELETE'])('is told by %s', async (method) => {
    for (const [path, detail, members] of paths) {
      const body = method === 'PATCH' ? { title: 'x', tags: ['never-made'] } : undefined;
      expect(await rest(method, path, body)).toEqual(
        problem('short-url-not-found', { title: 'Short URL not found', detail, status: 404, ...members }),
      );
    }
    expect(await app.sql`select from tags where name = 'never-made'`).toHaveLength(0);
  });

  test('is no matter while the edit itself is not valid', async () => {
    expect(await rest('PATCH', '/short-urls/nobody', { maxVisits: -1, validSince: 'x' })).toEqual(
      problem('invalid-data', {
        title: 'Invalid data',
        detail: 'Provided data is not valid',
        status: 400,
        invalidElements: ['validSince', 'maxVisits'],
      }),
    );
  });
});

describe('GET /short-urls/shorten', () => {
  const shorten = (query: Record<string, string>, headers: Record<string, string> = {}) =>
    app.request(`/rest/v3/short-urls/shorten?${new URLSearchParams(query)}`, { headers });

  test.each([
    [{ format: 'txt' }, {}, 'text/plain'],
    [{ format: 'json' }, { accept: 'text/plain' }, 'application/json'],
    [{}, {}, 'application/json'],
    [{}, { accept: 'text/plain' }, 'text/plain'],
  ])('answers %j with %j as exactly %s', async (query, headers, type) => {
    const apiKey = await createKey(app);
    const answer = await shorten({ apiKey, longUrl: 'https://example.com/?a=b c&d=1', ...query }, headers);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    const text = await answer.text();
    const shortUrl = type === 'text/plain' ? text : JSON.parse(text).shortUrl;
    expect(shortUrl).toMatch(new RegExp(`^http://localhost:${app.port}/[0-9A-Za-z]{7}$`));
    const location = (await app.request(new URL(shortUrl).pathname)).headers.get('location');
    expect(location).toBe('https://example.com/?a=b%20c&d=1');
  });

  test('asks for the key in the query, and for a long URL', async () => {
    expect(await (await shorten({ longUrl })).json()).toEqual({
      type: 'https://shlink.io/api/error/missing-authentication',
      title: 'Invalid authorization',
      detail: 'Expected authentication to be provided in "apiKey" query param',
      status: 401,
      param: 'apiKey',
    });
    const apiKey = await createKey(app);
    expect((await shorten({ apiKey: 'nonsense', longUrl })).status).toBe(401);
    expect(await (await shorten({ apiKey })).json()).toMatchObject({ status: 400, invalidElements: ['longUrl'] });
  });
});

describe('a restricted API key', () => {
  test('creates on its own domain whatever was sent, and sees no other', async () => {
    const domainId = await app.addDomain('own.example');
    const own = restClient(app, await createKey(app, [{ role: 'DOMAIN_SPECIFIC', domainId }]));
    const { body } = await own('POST', '/short-urls', { longUrl, customSlug: 'role', domain: 'other.example' });
    expect(body).toMatchObject({ domain: 'own.example', shortUrl: 'http://own.example/role' });
    await rest('POST', '/short-urls', { longUrl, customSlug: 'role' });
    expect((await own('GET', '/short-urls/role?domain=own.example')).status).toBe(200);
    for (const method of ['GET', 'DELETE']) expect((await own(method, '/short-urls/role')).status).toBe(404);
    expect((await own('PATCH', '/short-urls/role', { title: 'x' })).status).toBe(404);
    expect((await rest('GET', '/short-urls/role')).body.title).toBeNull();
  });

  test('sees, finds and changes only what it has created', async () => {
    const author = restClient(app, await createKey(app, [{ role: 'AUTHORED_SHORT_URLS' }]));
    const fields = { longUrl: 'https://example.com/authored', findIfExists: true };
    const foreign = (await rest('POST', '/short-urls', fields)).body.shortCode;
    const own = (await author('POST', '/short-urls', fields)).body.shortCode;
    expect(own).not.toBe(foreign);
    expect((await author('POST', '/short-urls', fields)).body.shortCode).toBe(own);
    for (const method of ['GET', 'DELETE']) expect((await author(method, `/short-urls/${foreign}`)).status).toBe(404);
    expect((await author('PATCH', `/short-urls/${foreign}`, { tags: ['x'] })).status).toBe(404);
    expect((await author('PATCH', `/short-urls/${own}`, { tags: ['x'] })).body.tags).toEqual(['x']);
    expect((await rest('GET', `/short-urls/${own}`)).status).toBe(200);
  });
});
