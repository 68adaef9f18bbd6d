import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Services } from '../../src/services.ts';
import { deleteShortUrl, updateShortUrl } from '../../src/short-urls/store.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { createTestServices } from '../support/services.ts';
import { until } from './fixtures/programs.ts';

/** Two `hop serve` on one database; the tests edit it as a third process, by the store or the service. */
const hops = new Hops();
let database: TestDatabase;
let services: Services;
let urls: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  services = await createTestServices(database.url);
  const variables = {
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PORT: '0',
    DEFAULT_DOMAIN: 's.example',
    ANONYMOUS_CREATE: 'true',
    WEB_CONCURRENCY: '1',
  };
  const servers = [0, 1].map(() => hops.start(['serve'], { ...variables, DATA_DIR: hops.newDataDir() }));
  urls = await Promise.all(servers.map((server) => server.url()));
  // They listen at once, with or without their database.
  for (const url of urls) await until(async () => (await fetch(`${url}/unknown`)).status === 404);
});
afterAll(async () => {
  await hops[Symbol.asyncDispose]();
  await services.close();
  await database.drop();
});

const OLD = 'https://example.com/old';
const NEW = 'https://example.com/new';

/** Where it leads at the process; else the status. */
async function lead(url: string, shortCode: string): Promise<string | number> {
  const answer = await fetch(`${url}/${shortCode}`, { redirect: 'manual' });
  return answer.headers.get('location') ?? answer.status;
}

/** How long it takes until both processes lead there. */
async function timeUntil(shortCode: string, expected: string | number): Promise<number> {
  const begin = performance.now();
  await Promise.all(urls.map((url) => until(async () => (await lead(url, shortCode)) === expected)));
  return performance.now() - begin;
}

/** A short URL that both processes have in memory. */
async function createCached(customSlug: string) {
  const created = await services.shortUrls.create({ domainId: 0, customSlug, longUrl: OLD });
  await timeUntil(customSlug, OLD);
  return created;
}

/** Each change begins in another phase of the polls, which are a second apart. */
const PHASES_MS = [0, 200, 400, 600, 800];

describe.concurrent('with no notification sent, both processes see within 2 s', () => {
  test('an edit', async () => {
    const times = PHASES_MS.map(async (delayMs) => {
      const key = await createCached(`edited-${delayMs}`);
      await Bun.sleep(delayMs);
      await updateShortUrl(services.database, key, { longUrl: NEW }, EVERYTHING);
      return timeUntil(key.shortCode, NEW);
    });
    expect(Math.max(...(await Promise.all(times)))).toBeLessThan(2_000);
  });

  test('a deletion', async () => {
    const times = PHASES_MS.map(async (delayMs) => {
      const key = await createCached(`deleted-${delayMs}`);
      await Bun.sleep(delayMs);
      await deleteShortUrl(services.database, key, EVERYTHING);
      return timeUntil(key.shortCode, 404);
    });
    expect(Math.max(...(await Promise.all(times)))).toBeLessThan(2_000);
  });

  test('a slug that was deleted and made anew', async () => {
    const key = await createCached('made-anew');
    await deleteShortUrl(services.database, key, EVERYTHING);
    await services.shortUrls.create({ domainId: 0, customSlug: 'made-anew', longUrl: NEW });
    expect(await timeUntil('made-anew', NEW)).toBeLessThan(2_000);
  });

  test('a date and a limit', async () => {
    const over = await createCached('over');
    const used = await createCached('used');
    await updateShortUrl(services.database, over, { validUntil: new Date(0) }, EVERYTHING);
    await updateShortUrl(services.database, used, { maxVisits: 1 }, EVERYTHING);
    expect(await timeUntil('over', 404)).toBeLessThan(2_000);
    expect(await timeUntil('used', 404)).toBeLessThan(2_000);
  });
});

test('with a notification, both processes see an edit and a deletion at once', async () => {
  const key = await createCached('notified');
  await services.shortUrls.edit(key, { longUrl: NEW }, EVERYTHING);
  expect(await timeUntil('notified', NEW)).toBeLessThan(400);
  await services.shortUrls.delete(key, EVERYTHING);
  expect(await timeUntil('notified', 404)).toBeLessThan(400);
});

test('a create is seen within a second, though both processes have just said that there is nothing', async () => {
  const times = PHASES_MS.map(async (delayMs) => {
    const customSlug = `created-${delayMs}`;
    await Bun.sleep(delayMs);
    for (const url of urls) expect(await lead(url, customSlug)).toBe(404);
    await services.shortUrls.create({ domainId: 0, customSlug, longUrl: NEW });
    return timeUntil(customSlug, NEW);
  });
  expect(Math.max(...(await Promise.all(times)))).toBeLessThan(1_150);
});

test('what one process creates, the other one knows at once', async () => {
  const [first = '', second = ''] = urls;
  const created = await fetch(first, { method: 'POST', body: JSON.stringify({ url: NEW }) });
  expect(created.status).toBe(201);
  const shortCode = new URL(created.headers.get('location') ?? '').pathname.slice(1);
  expect(await lead(second, shortCode)).toBe(NEW);
});

test('both create at the same time without a clash, and no code goes to two', async () => {
  const creates = Array.from({ length: 400 }, (_, i) =>
    fetch(urls[i % 2] ?? '', { method: 'POST', body: JSON.stringify({ url: `example.com/${i}` }) }),
  );
  const locations = (await Promise.all(creates)).map((answer) => answer.headers.get('location'));
  expect(new Set(locations).size).toBe(400);
  expect(locations).not.toContain(null);
});
