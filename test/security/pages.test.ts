import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { routesOf } from '../support/operations.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ RATE_LIMIT_UNKNOWN_CODES: '1' });
  await app.create({ customSlug: 'abc' });
  await app.create({ customSlug: 'limited', maxVisits: 1 });
  await app.create({ customSlug: 'past', validUntil: new Date('2020-01-01') });
});
afterAll(() => app.stop());

const BROWSER = { accept: 'text/html,application/xhtml+xml', 'x-forwarded-for': '203.0.113.7' };

/** Requests with a page for an answer, as far as nobody adds another kind: every GET route, and everything wrong. */
function requests(): [path: string, init?: RequestInit][] {
  const routes = routesOf(app).filter(({ method }) => method === 'GET');
  return [
    // First, for then the visitor has not asked for too many unknown codes yet.
    ['/limited', { headers: { ...BROWSER, purpose: 'prefetch' } }],
    ...routes.map(({ path }): [string] => [path.replace(/:\w+/g, '%3Cscript%3E')]),
    ...['/', '/unknown', '/unknown-too', '/past', '/a/b', '/<script>', '/rest', '/rest/nothing'].map(
      (path): [string] => [path],
    ),
    ['/abc', { method: 'DELETE' }],
    ['/', { method: 'PUT' }],
  ];
}

test('every page forbids scripts of others, frames, guessing of types and referrers', async () => {
  const statuses = new Set<number>();
  for (const [path, init] of requests()) {
    const answer = await app.request(path, { headers: BROWSER, ...init });
    const html = await answer.text();
    if (!answer.headers.get('content-type')?.startsWith('text/html')) continue;
    statuses.add(answer.status);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect({ path, policy }).toEqual({ path, policy: expect.stringContaining("default-src 'none'") });
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|https?:|data:|\*)/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    // Nothing that the policy would have to allow, and nothing that was sent.
    expect(html).not.toMatch(/<script(?![^>]*\ssrc="\/rest\/docs\/)|\son\w+=|javascript:|<iframe|<base|%3C/i);
  }
  expect([...statuses].toSorted()).toEqual([200, 404, 405, 429, 503]);
});

test('what pages load comes from here, and cannot be taken for another type', async () => {
  const page = await (await app.request('/rest/docs')).text();
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(loaded.length).toBeGreaterThanOrEqual(4);
  for (const path of loaded) {
    expect(path).toStartWith('/');
    const asset = await app.request(path);
    expect([path, asset.status, asset.headers.get('x-content-type-options')]).toEqual([path, 200, 'nosniff']);
  }
});
