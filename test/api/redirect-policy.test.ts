import { afterAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const started = new Map<string, Promise<TestApp>>();
afterAll(async () => {
  for (const app of started.values()) await (await app).stop();
  await database.drop();
});

/** An instance that redirects like this. */
function appWith(status: number, lifetimeS = 30, visibility = 'private'): Promise<TestApp> {
  const variables = {
    REDIRECT_STATUS_CODE: `${status}`,
    REDIRECT_CACHE_LIFETIME: `${lifetimeS}`,
    REDIRECT_CACHE_VISIBILITY: visibility,
  };
  const key = JSON.stringify(variables);
  const app = started.get(key) ?? startApp(variables, { database });
  started.set(key, app);
  return app;
}

async function cacheControl(app: TestApp, path: string): Promise<string | null> {
  return (await app.request(path)).headers.get('cache-control');
}

test.each([
  [301, 600, 'public', 'public, max-age=600'],
  [308, 600, 'public', 'public, max-age=600'],
  [301, 30, 'private', 'private, max-age=30'],
  [308, 0, 'private', 'private, max-age=0'],
  [302, 600, 'public', 'private, max-age=0'],
  [307, 600, 'public', 'private, max-age=0'],
])('%d with a lifetime of %d s, %s, may be kept as %s', async (status, lifetimeS, visibility, expected) => {
  const app = await appWith(status, lifetimeS, visibility);
  const path = await app.create();
  expect((await app.request(path)).status).toBe(status);
  expect(await cacheControl(app, path)).toBe(expected);
});

describe('a permanent redirect', () => {
  test('is not kept beyond validUntil', async () => {
    const app = await appWith(301, 600, 'public');
    const path = await app.create({ validUntil: new Date(Date.now() + 100_500) });
    expect(await cacheControl(app, path)).toBe('public, max-age=100');
    expect(await cacheControl(app, await app.create({ validUntil: new Date(Date.now() + 900) }))).toBe(
      'public, max-age=0',
    );
  });

  test('is kept as long as others if it is valid longer, or only began', async () => {
    const app = await appWith(301, 600, 'public');
    const [validSince, validUntil] = [new Date(0), new Date(Date.now() + 3_600_000)];
    for (const fields of [{ validUntil }, { validSince }, { validSince, validUntil }]) {
      expect(await cacheControl(app, await app.create(fields))).toBe('public, max-age=600');
    }
  });

  test('with maxVisits is never kept', async () => {
    const app = await appWith(308, 600, 'public');
    expect(await cacheControl(app, await app.create({ maxVisits: 5 }))).toBe('no-store');
  });

  test('leaves 404s and their redirects temporary', async () => {
    const app = await appWith(301, 600, 'public');
    expect(await cacheControl(app, '/unknown')).toBe('no-store');
  });
});

describe.each([307, 308])('with %d, which keeps the method,', (status) => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s redirects', async (method) => {
    const app = await appWith(status);
    const path = await app.create();
    for (const _ of ['miss', 'hit']) {
      const answer = await app.request(path, { method });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('location')).toBe('https://example.com/target');
    }
    expect((await app.request('/unknown', { method })).status).toBe(404);
  });

  test('a body on the way does no harm', async () => {
    const app = await appWith(status);
    const path = await app.create();
    for (const _ of ['miss', 'hit']) {
      expect((await app.request(path, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(status);
    }
  });

  test('the bare domain still creates by POST and refuses the others', async () => {
    const app = await appWith(status);
    expect((await app.shorten({ url: 'example.com' })).status).toBe(201);
    expect((await app.request('/', { method: 'DELETE' })).status).toBe(405);
  });

  test('a limit counts other methods too', async () => {
    const app = await appWith(status);
    const path = await app.create({ maxVisits: 1 });
    expect((await app.request(path, { method: 'POST' })).status).toBe(status);
    expect((await app.request(path)).status).toBe(404);
  });
});

describe.each([301, 302])('with %d, after which clients change to GET,', (status) => {
  test.each(['POST', 'DELETE'])('%s is not allowed', async (method) => {
    const app = await appWith(status);
    const answer = await app.request(await app.create(), { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });
});
