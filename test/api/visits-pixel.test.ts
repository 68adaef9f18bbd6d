import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Asks for pixels one after the other; resolves with the visits that this made. */
async function track(paths: readonly string[], init: RequestInit = {}) {
  const before = app.visits().length;
  for (const path of paths) await expectPixel(await app.request(path, init), init.method !== 'HEAD');
  return app.visits().slice(before);
}

async function expectPixel(answer: Response, hasBody: boolean): Promise<void> {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('image/gif');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (hasBody)
    expect([bytes.toString('latin1', 0, 6), bytes.readUInt16LE(6), bytes.readUInt16LE(8)]).toEqual(['GIF89a', 1, 1]);
}

describe('the tracking pixel', () => {
  test('is a visit of its short URL each time, found in memory or not', async () => {
    const path = await app.create();
    const visits = await track([`${path}/track`, `${path}/track?utm=mail`]);
    const expected = { kind: 'short_url', shortCode: path.slice(1), redirectUrl: '' };
    expect(visits).toMatchObject([expected, { ...expected, visitedUrl: `${app.url}${path}/track?utm=mail` }]);
    expect(visits[0]?.shortUrlId).toBeGreaterThan(0);
  });

  test('comes for unknown, impossible and expired short codes as well, without a visit', async () => {
    const expired = await app.create({ validUntil: new Date(Date.now() - 1) });
    expect(await track(['/nobody/track', '/nobody/track', '/%00/track', `${expired}/track`])).toEqual([]);
  });

  test('without a visit for HEAD and what is fetched in advance', async () => {
    const path = await app.create({ maxVisits: 1 });
    expect(await track([`${path}/track`], { method: 'HEAD' })).toEqual([]);
    expect(await track([`${path}/track`], { headers: { 'sec-purpose': 'prefetch' } })).toEqual([]);
    expect(await track([`${path}/track`])).toHaveLength(1);
  });

  test('uses up redirects of a short URL with maxVisits, and is no visit when they are used up', async () => {
    const path = await app.create({ maxVisits: 3 });
    expect((await app.request(path)).status).toBe(302);
    expect(await track(Array(5).fill(`${path}/track`))).toHaveLength(2);
    expect((await app.request(path)).status).toBe(404);
  });

  test('counts for who tries codes out like any unknown code', async () => {
    await using limited = await startApp({ RATE_LIMIT_UNKNOWN_CODES: '3' });
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    for (let i = 0; i < 3; i++) await expectPixel(await limited.request(`/nobody${i}/track`, { headers }), true);
    expect((await limited.request('/nobody', { headers })).status).toBe(429);
    const path = await limited.create();
    await expectPixel(await limited.request(`${path}/track`, { headers }), true);
    expect(limited.visits()).toEqual([]);
    await expectPixel(await limited.request(`${path}/track`), true);
    expect(limited.visits()).toHaveLength(1);
  });

  test('is no redirect, is made by GET, and takes nobody else’s paths', async () => {
    const path = await app.create();
    expect((await app.request(`${path}/track`, { method: 'POST' })).status).toBe(405);
    for (const other of [
      `${path}/tracks`,
      `${path}/track/`,
      `${path}/x/track`,
      '/rest/track',
      '/docs/track',
      '//track',
    ]) {
      expect((await app.request(other)).status).toBe(404);
    }
  });
});
