import { afterEach, describe, expect, test } from 'bun:test';
import { createSlugs } from '../../src/codes/slugs.ts';
import { createLogger } from '../../src/observability/log.ts';
import { RedirectCounters } from '../../src/redirect/counters.ts';
import { DomainDirectory } from '../../src/redirect/domains.ts';
import { createRedirectHandler } from '../../src/redirect/handler.ts';
import { LimitGate } from '../../src/redirect/limits.ts';
import type { ShortUrlRow } from '../../src/redirect/link.ts';
import { Links } from '../../src/redirect/links.ts';
import { createPathReader, type PathOptions } from '../../src/redirect/paths.ts';
import { redirectPolicy } from '../../src/redirect/policy.ts';
import { KNOWS_NOTHING } from '../../src/redirect/visitor.ts';
import type { Visits } from '../../src/redirect/visits.ts';
import { VisitCapture } from '../../src/visits/capture.ts';
import type { TrackingSettings } from '../../src/visits/tracking.ts';

// Budgets of the hot path, by counting: they cannot flake as clocks do.

let ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

const PATHS: Omit<PathOptions, 'isReserved'> = {
  slugs: createSlugs({ isLoose: false, isMultiSegment: false }),
  allowsTrailingSlash: false,
  isMultiSegment: false,
  extraPath: 'default',
};

const ALL_OPTIONS: typeof PATHS = {
  slugs: createSlugs({ isLoose: true, isMultiSegment: true }),
  allowsTrailingSlash: true,
  isMultiSegment: true,
  extraPath: 'append',
};

function setUp(rows: readonly ShortUrlRow[], visits: Visits | null = null, paths = PATHS) {
  const statements: (readonly string[])[] = [];
  const pathsRead: string[] = [];
  const readPath = createPathReader({ ...paths, isReserved: (path) => path.split('/', 1)[0] === 'rest' });
  const domains = new DomainDirectory({ baseUrl: null, regular404: null, invalidShortUrl: null });
  domains.replace([]);
  const links = new Links({
    find: async (_domainIds, shortCodes) => {
      statements.push(shortCodes);
      return rows.filter(({ shortCode }) => shortCodes.includes(shortCode));
    },
    canLoad: () => true,
    otherDomainIds: () => domains.otherIds(),
    cacheMaxBytes: 1_000_000,
    cacheTtlMs: 60_000,
    unknownCodesMax: 1_000,
    deadlineMs: 1_000,
    maxBatch: 1_000,
    maxBatchesInFlight: 2,
    maxQueue: 10_000,
  });
  ends.push(() => links.close());
  const redirect = createRedirectHandler({
    links,
    domains,
    policy: redirectPolicy({ status: 302, cacheLifetimeS: 30, cacheVisibility: 'private' }),
    limits: new LimitGate(async () => []),
    hasRedirectsLeft: async () => true,
    readPath(path) {
      pathsRead.push(path);
      return readPath(path);
    },
    counters: new RedirectCounters(),
    scans: null,
    visits,
    visitorFacts: KNOWS_NOTHING,
  });
  return { redirect, statements, pathsRead, links };
}

const TRACKING: TrackingSettings = {
  tracksAddress: true,
  tracksReferrer: true,
  tracksUserAgent: true,
  tracksOrphans: true,
  anonymises: true,
  optOutParameter: undefined,
  excluded: [],
  trustedProxies: ['127.0.0.0/8'],
  isHttps: true,
};

function row(shortCode: string): ShortUrlRow {
  const dates = { validSinceMs: null, validUntilMs: null, maxVisits: null, rules: null };
  return { domainId: 0, shortCode, shortUrlId: 1, longUrl: 'https://example.com/', forwardQuery: true, ...dates };
}

/** A request that notes which of its members and headers are looked at. */
function watched(path: string, headersRead: string[] = []): { request: Request; looks: string[] } {
  const looks: string[] = [];
  const headers = {
    get(name: string) {
      headersRead.push(name);
      return null;
    },
  };
  const request = new Proxy(new Request(`http://localhost:3000${path}`), {
    get(target, name) {
      looks.push(String(name));
      return name === 'headers' ? headers : Reflect.get(target, name, target);
    },
  });
  return { request, looks };
}

describe('a hit', () => {
  test('without tracking is answered without an await, a statement or a look at the headers', async () => {
    const { redirect, statements } = setUp([row('known')]);
    await redirect(new Request('http://localhost:3000/known'));
    const { request, looks } = watched('/known');
    const answer = redirect(request);
    expect(answer).toBeInstanceOf(Response);
    expect((answer as Response).headers.get('location')).toBe('https://example.com/');
    expect(looks).toEqual(['url', 'method']);
    expect(statements).toHaveLength(1);
  });

  test('with tracking looks at the peer and at the headers of a visit, once each', async () => {
    const records: string[] = [];
    const headersRead: string[] = [];
    let peersAsked = 0;
    const visits = new VisitCapture({
      settings: TRACKING,
      journal: { append: (record) => records.push(record) },
      peerOf: () => String(++peersAsked),
      log: createLogger('silent'),
    });
    const { redirect, statements } = setUp([row('known')], visits);
    await redirect(new Request('http://localhost:3000/known'));
    const { request, looks } = watched('/known', headersRead);
    peersAsked = 0;
    expect(redirect(request)).toBeInstanceOf(Response);
    expect(new Set(looks)).toEqual(new Set(['url', 'method', 'headers']));
    expect(headersRead).toEqual(['sec-purpose', 'purpose', 'referer', 'user-agent']);
    expect(peersAsked).toBe(1);
    expect(statements).toHaveLength(1);
    expect(records).toHaveLength(2);
  });

  test('with a query is, too', async () => {
    const { redirect } = setUp([row('known')]);
    await redirect(new Request('http://localhost:3000/known'));
    const { request, looks } = watched('/known?a=b');
    const answer = redirect(request);
    expect((answer as Response).headers.get('location')).toBe('https://example.com/?a=b');
    expect(new Set(looks)).toEqual(new Set(['url', 'method']));
  });

  test('costs nothing for any option of paths: none is read', async () => {
    const { redirect, pathsRead } = setUp([row('known'), row('a/b')], null, ALL_OPTIONS);
    for (const path of ['/known', '/a/b']) await redirect(new Request(`http://localhost:3000${path}`));
    pathsRead.length = 0;
    for (const path of ['/known', '/known?a=b', '/a/b']) {
      expect(redirect(new Request(`http://localhost:3000${path}`))).toBeInstanceOf(Response);
    }
    expect(pathsRead).toEqual([]);
  });

  test('on a stale link is answered at once and asks for it again, once', async () => {
    const { redirect, statements, links } = setUp([row('known')]);
    await redirect(new Request('http://localhost:3000/known'));
    links.everythingChanged();
    for (let i = 0; i < 10; i++) {
      expect(redirect(new Request('http://localhost:3000/known'))).toBeInstanceOf(Response);
    }
    await Bun.sleep(5);
    expect(statements).toEqual([['known'], ['known']]);
  });
});

describe('stale links', () => {
  test('are asked for again a few hundred a second, however many there are, and all served meanwhile', async () => {
    const codes = Array.from({ length: 1_000 }, (_, i) => `code${i}`);
    const { redirect, statements, links } = setUp(codes.map(row));
    await Promise.all(codes.map((code) => redirect(new Request(`http://localhost:3000/${code}`))));
    links.everythingChanged();
    statements.length = 0;
    for (let round = 0; round < 20; round++) {
      for (const code of codes) expect(redirect(new Request(`http://localhost:3000/${code}`))).toBeInstanceOf(Response);
      await Bun.sleep(2);
    }
    expect(statements.flat().length).toBeWithin(100, 401);
  });
});

describe('misses', () => {
  test('of one tick cost one statement, however many codes and requests there are', async () => {
    const { redirect, statements } = setUp([row('code1')]);
    const requests = Array.from({ length: 300 }, (_, i) => new Request(`http://localhost:3000/code${i % 100}`));
    const answers = await Promise.all(requests.map((request) => redirect(request)));
    expect(statements).toHaveLength(1);
    expect(answers.filter((answer) => answer?.status === 302)).toHaveLength(3);
  });

  test('of a path with several readings cost one statement, and none once those are known', async () => {
    const { redirect, statements } = setUp([row('a')], null, ALL_OPTIONS);
    for (const path of ['/A/b/c', '/A/b/c?x']) {
      const answer = await redirect(new Request(`http://localhost:3000${path}`));
      expect(answer?.headers.get('location')).toStartWith('https://example.com/b/c');
    }
    expect(statements).toEqual([['a/b/c', 'A/b/c', 'a/b', 'A/b', 'a', 'A']]);
  });

  test('of a code that does not exist cost one statement in half a second', async () => {
    const { redirect, statements } = setUp([]);
    for (let i = 0; i < 20; i++) await redirect(new Request('http://localhost:3000/nobody'));
    expect(statements).toHaveLength(1);
  });

  test('that can be no short code cost none', async () => {
    const { redirect, statements } = setUp([]);
    for (const path of ['/%00', '/a%2Fb', '/%ZZ', '/%c0%af', '/a%20b', `/${'x'.repeat(300)}`]) {
      expect((await redirect(new Request(`http://localhost:3000${path}`)))?.status).toBe(404);
    }
    expect(statements).toEqual([]);
  });

  test('of reserved words and of paths with more segments are left to the API', () => {
    const { redirect, statements } = setUp([]);
    for (const path of ['/rest', '/rest/v3', '/a/b']) {
      expect(redirect(new Request(`http://localhost:3000${path}`))).toBeUndefined();
    }
    expect(statements).toEqual([]);
  });
});

describe('knowledge about a link', () => {
  test('is gone at once in the process that changed it', async () => {
    const rows = [row('known')];
    const { redirect, links } = setUp(rows);
    await redirect(new Request('http://localhost:3000/known'));
    rows.pop();
    links.forget(0, 'known');
    expect((await redirect(new Request('http://localhost:3000/known')))?.status).toBe(404);
  });

  test('of another process is loaded anew and served until then', async () => {
    const rows = [row('known')];
    const { redirect, links } = setUp(rows);
    await redirect(new Request('http://localhost:3000/known'));
    rows[0] = { ...row('known'), longUrl: 'https://new.example/' };
    links.changed(0, 'known');
    const location = () => (redirect(new Request('http://localhost:3000/known')) as Response).headers.get('location');
    expect(location()).toBe('https://example.com/');
    await Bun.sleep(5);
    expect(location()).toBe('https://new.example/');
  });

  test('that it does not exist is gone when it is created', async () => {
    const rows: ShortUrlRow[] = [];
    const { redirect, links } = setUp(rows);
    expect((await redirect(new Request('http://localhost:3000/new')))?.status).toBe(404);
    rows.push(row('new'));
    links.forget(0, 'new');
    expect((await redirect(new Request('http://localhost:3000/new')))?.status).toBe(302);
  });
});
