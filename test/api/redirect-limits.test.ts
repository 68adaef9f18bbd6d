import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { startApp, type TestApp } from '../support/app.ts';

/** Two web instances on one database, as two processes would be. */
let first: TestApp;
let second: TestApp;
beforeAll(async () => {
  first = await startApp();
  second = await startApp({}, { database: first.database });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

function count(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function redirectsTaken(path: string): Promise<number | undefined> {
  const [row] = await first.sql<{ redirects: number }[]>`
    select redirects::int from short_url_limits where short_code = ${path.slice(1)}`;
  return row?.redirects;
}

describe('a short URL with maxVisits', () => {
  test.each([1, 100, 299])('redirects exactly %d times under 300 requests at two instances', async (maxVisits) => {
    const path = await first.create({ maxVisits });
    const visits = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? first : second).request(path));
    expect(count(await Promise.all(visits))).toEqual({ 302: maxVisits, 404: 300 - maxVisits });
    expect(await redirectsTaken(path)).toBe(maxVisits);
  });

  test('counts whoever asks, and forbids to keep the answer', async () => {
    const path = await first.create({ maxVisits: 2, longUrl: 'https://example.com/limited' });
    const bot = await first.request(path, { headers: { 'user-agent': 'Googlebot/2.1' } });
    expect(bot.headers.get('location')).toBe('https://example.com/limited');
    expect(bot.headers.get('cache-control')).toBe('no-store');
    expect((await second.request(path, { headers: { 'user-agent': 'curl/8' } })).status).toBe(302);
    const used = await first.request(path);
    expect(used.status).toBe(404);
    expect(used.headers.get('cache-control')).toBe('no-store');
  });

  test('tells HEAD whether it works, not where it leads, and counts nothing', async () => {
    const path = await first.create({ maxVisits: 1 });
    for (const app of [first, second, first]) {
      const head = await app.request(path, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.headers.get('location')).toBeNull();
      expect(head.headers.get('cache-control')).toBe('no-store');
    }
    expect((await second.request(path)).status).toBe(302);
    expect((await first.request(path, { method: 'HEAD' })).status).toBe(404);
  });

  test.each<Record<string, string>>([
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { 'sec-purpose': 'prefetch;anonymous-client-ip' },
    { purpose: 'prefetch' },
  ])('is not followed in advance (%j)', async (headers) => {
    const path = await first.create({ maxVisits: 1 });
    const prefetch = await first.request(path, { headers });
    expect(prefetch.status).toBe(503);
    expect(prefetch.headers.get('location')).toBeNull();
    expect(prefetch.headers.get('cache-control')).toBe('no-store');
    expect(await redirectsTaken(path)).toBe(0);
    expect((await first.request(path)).status).toBe(302);
  });

  test('counts nothing outside of its dates, nor for a wrong method', async () => {
    const path = await first.create({ maxVisits: 1, validSince: new Date(Date.now() + 60_000) });
    expect((await first.request(path)).status).toBe(404);
    expect((await first.request(await first.create({ maxVisits: 1 }), { method: 'POST' })).status).toBe(405);
    expect(await redirectsTaken(path)).toBe(0);
  });

  test('starts at zero under a slug made anew', async () => {
    const path = await first.create({ customSlug: 'limited-anew', maxVisits: 1 });
    await first.request(path);
    await first.services.shortUrls.delete({ domainId: 0, shortCode: 'limited-anew' }, EVERYTHING);
    await first.create({ customSlug: 'limited-anew', maxVisits: 2 });
    const visits = [await first.request(path), await first.request(path), await first.request(path)];
    expect(count(visits)).toEqual({ 302: 2, 404: 1 });
  });

  test('goes on where it was when the limit is raised, and redirects freely when it is lifted', async () => {
    const key = { domainId: 0, shortCode: 'raised' };
    const path = await first.create({ customSlug: 'raised', maxVisits: 2 });
    for (const status of [302, 302, 404]) expect((await first.request(path)).status).toBe(status);
    await first.services.shortUrls.edit(key, { maxVisits: 3 }, EVERYTHING);
    for (const status of [302, 404]) expect((await first.request(path)).status).toBe(status);
    await first.services.shortUrls.edit(key, { maxVisits: null }, EVERYTHING);
    for (const status of [302, 302]) expect((await first.request(path)).status).toBe(status);
  });
});

test('a short URL without maxVisits may be followed in advance', async () => {
  const path = await first.create();
  expect((await first.request(path, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(302);
});

/** Edits by SQL, without a change row: as in another process whose change has not come here yet. */
describe('an instance that has not seen an edit yet', () => {
  test('redirects freely once the limit is lifted, for GET and HEAD', async () => {
    const path = await first.create({ maxVisits: 1 });
    expect((await first.request(path)).status).toBe(302);
    await first.sql`update short_urls set max_visits = null where short_code = ${path.slice(1)}`;
    await first.sql`delete from short_url_limits where short_code = ${path.slice(1)}`;
    expect((await first.request(path)).status).toBe(302);
    const other = await first.create({ maxVisits: 1 });
    expect((await second.request(other, { method: 'HEAD' })).status).toBe(200);
    await first.sql`update short_urls set max_visits = null where short_code = ${other.slice(1)}`;
    await first.sql`delete from short_url_limits where short_code = ${other.slice(1)}`;
    expect((await second.request(other, { method: 'HEAD' })).status).toBe(302);
  });

  test('counts on the short URL that a slug was made anew for', async () => {
    const fields = { customSlug: 'anew-unseen', maxVisits: 1 };
    const path = await first.create(fields);
    expect((await first.request(path)).status).toBe(302);
    expect((await second.request(path)).status).toBe(404);
    await first.sql`delete from short_url_limits where short_code = 'anew-unseen'`;
    await first.sql`delete from short_urls where short_code = 'anew-unseen'`;
    await first.create(fields);
    expect((await second.request(path)).status).toBe(302);
    expect((await second.request(path)).status).toBe(404);
  });

  test('answers 404 when the short URL says it is limited and no limit is to be found', async () => {
    const path = await first.create({ maxVisits: 1 });
    await first.sql`delete from short_url_limits where short_code = ${path.slice(1)}`;
    expect((await first.request(path)).status).toBe(404);
  });
});
