import { describe, expect, test } from 'bun:test';
import { LinkCache } from '../../src/redirect/cache.ts';
import { compileLink, type Link } from '../../src/redirect/link.ts';
import { seededRandom } from '../support/random.ts';

function link(shortCode: string, loadedAtMs = 0): Link {
  const row = { domainId: 0, shortCode, shortUrlId: 1, longUrl: 'https://example.com/', forwardQuery: true };
  return compileLink({ ...row, validSinceMs: null, validUntilMs: null, maxVisits: null, rules: null }, loadedAtMs);
}

/** A cache with room for about this many links. */
function cacheFor(links: number): LinkCache {
  const probe = new LinkCache({ maxBytes: Number.POSITIVE_INFINITY, ttlMs: 1000 });
  probe.set('code00', link('code00'));
  return new LinkCache({ maxBytes: links * probe.bytes, ttlMs: 1000 });
}

const codes = (count: number) => Array.from({ length: count }, (_, i) => `code${String(i).padStart(2, '0')}`);

describe('the link cache', () => {
  test('stays within its bytes and evicts the oldest link that was never hit', () => {
    const cache = cacheFor(3);
    for (const code of codes(4)) cache.set(code, link(code));
    expect(codes(4).map((code) => cache.get(code) !== undefined)).toEqual([false, true, true, true]);
  });

  test('keeps a link that was hit since the hand last passed, once', () => {
    const cache = cacheFor(3);
    const [first = '', ...others] = codes(3);
    const hit = link(first);
    cache.set(first, hit);
    for (const code of others) cache.set(code, link(code));
    hit.wasVisited = true;
    cache.set('new001', link('new001'));
    expect(cache.get(first)).toBe(hit);
    for (const code of ['code02', 'new001']) Object.assign(cache.get(code) ?? {}, { wasVisited: true });
    cache.set('new002', link('new002'));
    expect(cache.get(first)).toBeUndefined();
    expect(cache.get('new002')).toBeDefined();
  });

  test('a scan of links asked for once does not push out those asked for often', () => {
    const cache = cacheFor(50);
    const hot = codes(20);
    for (const code of hot) cache.set(code, link(code));
    for (let i = 0; i < 5_000; i++) {
      for (const code of hot) {
        const known = cache.get(code);
        if (known) known.wasVisited = true;
      }
      cache.set(`scan${i}`, link(`scan${i}`));
    }
    expect(hot.filter((code) => cache.get(code) !== undefined)).toEqual(hot);
  });

  test('counts bytes exactly, whatever comes and goes', () => {
    const cache = cacheFor(10);
    const random = seededRandom(7);
    for (let i = 0; i < 20_000; i++) {
      const code = `c${random(40)}`;
      if (random(3) === 0) cache.delete(code);
      else cache.set(code, link(code));
    }
    for (let i = 0; i < 40; i++) cache.delete(`c${i}`);
    expect([cache.bytes, cache.size]).toEqual([0, 0]);
  });

  test('links grow stale by their time to live, or all at once', () => {
    const cache = cacheFor(10);
    const young = link('young1', 5_000);
    cache.tick(5_500);
    expect(young.loadedAtMs < cache.freshSinceMs).toBe(false);
    cache.tick(6_001);
    expect(young.loadedAtMs < cache.freshSinceMs).toBe(true);
    cache.markAllStale(9_000);
    cache.tick(9_100);
    expect(link('older1', 8_999).loadedAtMs < cache.freshSinceMs).toBe(true);
    expect(link('newer1', 9_000).loadedAtMs < cache.freshSinceMs).toBe(false);
  });
});
