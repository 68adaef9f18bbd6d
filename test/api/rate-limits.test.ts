import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey } from '../support/rest.ts';

// Tests come from loopback, a trusted proxy, and so can be any visitor.

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    RATE_LIMIT_UNKNOWN_CODES: '3',
    RATE_LIMIT_ANONYMOUS_CREATES: '2',
    RATE_LIMIT_INVALID_API_KEYS: '3',
    RATE_LIMIT_API_KEY: '2',
  });
});
afterAll(() => app.stop());

let visitors = 0;
/** Headers of a visitor who has not been here yet. */
function newVisitor() {
  visitors++;
  return { 'x-forwarded-for': `198.51.${visitors >> 8}.${visitors & 255}` };
}

let codes = 0;
const unknownPath = () => `/nobody${++codes}`;

async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await ask()).status);
  return found;
}

describe('a visitor who tries codes out', () => {
  test('is refused after so many that do not exist', async () => {
    const headers = newVisitor();
    expect(await statuses(5, () => app.request(unknownPath(), { headers }))).toEqual([404, 404, 404, 429, 429]);
    const answer = await app.request(unknownPath(), { headers });
    expect(answer.headers.get('content-type')).toStartWith('application/problem+json');
    expect(answer.headers.get('ratelimit-policy')).toBe('"unknown-codes";q=3;w=60');
    expect(answer.headers.get('ratelimit')).toMatch(/^"unknown-codes";r=0;t=([1-9]|[1-5]\d|60)$/);
    expect(Number(answer.headers.get('retry-after'))).toBeWithin(1, 61);
    expect(await answer.json()).toMatchObject({
      status: 429,
      title: 'Too many requests',
      'violated-policies': ['unknown-codes'],
    });
  });

  test('gets a page in a browser', async () => {
    const headers = { ...newVisitor(), accept: 'text/html' };
    await statuses(3, () => app.request(unknownPath(), { headers }));
    const answer = await app.request(unknownPath(), { headers });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toStartWith('text/html');
  });

  test('is told nothing before, and may follow known links after', async () => {
    const headers = newVisitor();
    const path = await app.create();
    expect((await app.request(path)).status).toBe(302);
    const answer = await app.request(unknownPath(), { headers });
    expect([answer.headers.get('ratelimit'), answer.headers.get('ratelimit-policy')]).toEqual([null, null]);
    await statuses(4, () => app.request(unknownPath(), { headers }));
    expect((await app.request(path, { headers })).status).toBe(302);
  });

  test('does not reach the database any more', async () => {
    const headers = newVisitor();
    await statuses(3, () => app.request(unknownPath(), { headers }));
    const before = app.services.database.counters.lookups.statements;
    expect(await statuses(5, () => app.request(unknownPath(), { headers }))).toEqual([429, 429, 429, 429, 429]);
    expect(app.services.database.counters.lookups.statements).toBe(before);
  });

  test('is known by the network, where it is IPv6, and nobody else is held back', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    let host = 0;
    const sameNetwork = () => from(`2001:db8:7::${(++host).toString(16)}`);
    expect(await statuses(4, () => app.request(unknownPath(), sameNetwork()))).toEqual([404, 404, 404, 429]);
    expect((await app.request(unknownPath(), from('2001:db8:7:1::1'))).status).toBe(404);
  });

  test.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', 'fd00::1', 'unknown'])(
    'is not counted when the address may be a proxy of ours: %s',
    async (address) => {
      const headers = { 'x-forwarded-for': address };
      expect(await statuses(6, () => app.request(unknownPath(), { headers }))).toEqual([404, 404, 404, 404, 404, 404]);
    },
  );
});

test('any number of links that are not in memory yet may be followed', async () => {
  const headers = newVisitor();
  const paths = await Promise.all(Array.from({ length: 10 }, () => app.create()));
  for (const path of paths) app.services.links.forget(0, path.slice(1));
  const answers = await Promise.all(paths.map((path) => app.request(path, { headers })));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 302));
});

describe('creating without a key', () => {
  test('is limited for each visitor, in the shape of POST /', async () => {
    const headers = newVisitor();
    const create = () => app.shorten({ url: 'https://example.com/' }, headers);
    const first = await create();
    expect(first.status).toBe(201);
    expect(first.headers.get('ratelimit')).toMatch(/^"anonymous-creates";r=1;t=\d+$/);
    expect(first.headers.get('retry-after')).toBeNull();
    expect((await create()).status).toBe(201);
    const refused = await create();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toEqual({
      status: 'error',
      message: { request: expect.stringMatching(/^Too many requests/) },
    });
    expect((await app.shorten({ url: 'https://example.com/' }, newVisitor())).status).toBe(201);
  });

  test('from this machine is not', async () => {
    const create = () => app.shorten({ url: 'https://example.com/' });
    expect(await statuses(4, create)).toEqual([201, 201, 201, 201]);
  });
});

describe('an API key', () => {
  test('is limited for itself, wherever it comes from', async () => {
    const key = await createKey(app);
    const ask = () => app.request('/rest/v3/short-urls', { headers: { 'x-api-key': key, origin: 'https://a.test' } });
    const first = await ask();
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"api-key";q=2;w=60');
    await ask();
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.headers.get('x-request-id')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ status: 429 });
    const other = await createKey(app);
    expect((await app.request('/rest/v3/short-urls', { headers: { 'x-api-key': other } })).status).toBe(200);
  });

  test('that is invalid counts for the visitor, whose valid ones go on working', async () => {
    const headers = newVisitor();
    const valid = await createKey(app);
    const ask = (key: string) => app.request('/rest/v3/short-urls', { headers: { ...headers, 'x-api-key': key } });
    expect((await ask(valid)).status).toBe(200);
    expect(await statuses(4, () => ask(crypto.randomUUID()))).toEqual([401, 401, 401, 429]);
    expect((await ask(valid)).status).toBe(200);
    expect((await ask(await createKey(app))).status).toBe(429);
    const query = new URLSearchParams({ apiKey: crypto.randomUUID(), longUrl: 'https://example.com/' });
    expect((await app.request(`/rest/v3/short-urls/shorten?${query}`, { headers })).status).toBe(429);
    expect((await app.shorten({ url: 'https://example.com/' }, { ...headers, 'x-api-key': 'guess' })).status).toBe(429);
  });

  test('is not looked up any more when a visitor tries too many', async () => {
    const headers = newVisitor();
    const ask = () => app.request('/rest/v3/short-urls', { headers: { ...headers, 'x-api-key': crypto.randomUUID() } });
    await statuses(3, ask);
    const before = app.services.database.counters.lookups.statements;
    await statuses(3, ask);
    expect(app.services.database.counters.lookups.statements).toBe(before);
  });
});

test('without a key the REST API answers as ever, and health does', async () => {
  const headers = newVisitor();
  expect(await statuses(5, () => app.request('/rest/v3/short-urls', { headers }))).toEqual([401, 401, 401, 401, 401]);
  expect(await statuses(5, () => app.request('/rest/health', { headers }))).toEqual([200, 200, 200, 200, 200]);
});

test('0 is no limit', async () => {
  await using free = await startApp({
    RATE_LIMIT_UNKNOWN_CODES: '0',
    RATE_LIMIT_ANONYMOUS_CREATES: '0',
    RATE_LIMIT_INVALID_API_KEYS: '0',
  });
  const headers = newVisitor();
  const asked = await statuses(400, () => free.request(unknownPath(), { headers }));
  expect(new Set(asked)).toEqual(new Set([404]));
  const created = await statuses(70, () => free.shorten({ url: 'https://example.com/' }, headers));
  expect(new Set(created)).toEqual(new Set([201]));
  const guess = () => free.request('/rest/v3/short-urls', { headers: { ...headers, 'x-api-key': 'guess' } });
  expect(new Set(await statuses(70, guess))).toEqual(new Set([401]));
});
