import { afterEach, expect, test } from 'bun:test';
import { linkKey } from '../../src/redirect/key.ts';
import type { ShortUrlRow } from '../../src/redirect/link.ts';
import { Links } from '../../src/redirect/links.ts';
import { decodeVisit, encodeVisit, type VisitRecord } from '../../src/visits/record.ts';
import { createClassifier } from '../../src/visits/recorder/classify.ts';
import { openLocations } from '../../src/visits/recorder/locations.ts';

// What is remembered of a text must not keep the text: a URL may be as long as its sender likes, and a frame of the
// journal holds hundreds of visits.

const QUERY_BYTES = 15_000;
const CODES = 12_000;
const MiB = 2 ** 20;

let ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

for (const domainId of [0, 5]) {
  test(`a cached link does not keep the URL that brought it, on domain ${domainId}`, async () => {
    const links = newLinks((shortCode) => rowOf(domainId, shortCode));
    expect(await growthOf(links, domainId)).toBeLessThan((CODES * QUERY_BYTES) / 2 / MiB);
    expect(links.cache.size).toBe(CODES);
  }, 30_000);

  test(`nor does a code that is known not to exist, on domain ${domainId}`, async () => {
    const links = newLinks(() => undefined);
    expect(await growthOf(links, domainId)).toBeLessThan((CODES * QUERY_BYTES) / 2 / MiB);
    expect(links.isUnknown(linkKey(domainId, codeOf(CODES - 1)))).toBe(true);
  }, 30_000);
}

test('nor does what is known of visitors keep the frames that they came in', () => {
  const classify = createClassifier(openLocations());
  const classified = (i: number) => {
    const record = encodeVisit({ ...VISIT, ...visitorOf(i), visitedUrl: '', redirectUrl: '' });
    const frame = Buffer.from(`${record}\x1e${'x'.repeat(QUERY_BYTES)}`).toString();
    return classify(decodeVisit(frame.slice(0, frame.indexOf('\x1e'))) ?? VISIT);
  };
  const before = residentMiB();
  for (let i = 0; i < CODES; i++) expect(classified(i).referrerHost).toBe(`host-of-many-${i}.example`);
  expect(residentMiB() - before).toBeLessThan((CODES * QUERY_BYTES) / 2 / MiB);
}, 30_000);

const VISIT: VisitRecord = {
  ...{ kind: 'short_url', domainId: 0, shortCode: 'code', shortUrlId: 1, timeMs: 0 },
  ...{ referrer: '', userAgent: '', address: '', visitedUrl: '', redirectUrl: '' },
};

function visitorOf(i: number) {
  return {
    referrer: `https://host-of-many-${i}.example/`,
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.${i} Safari/537.36`,
    address: `100.${100 + (i >> 8)}.${i & 255}.0`,
  };
}

/** In MiB of this process, after links were asked for as requests do. */
async function growthOf(links: Links, domainId: number): Promise<number> {
  const before = residentMiB();
  for (let i = 0; i < CODES; i += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => load(links, domainId, codeOf(i + k))));
  }
  return residentMiB() - before;
}

function load(links: Links, domainId: number, code: string): Promise<unknown> {
  // As Bun hands it on: one text, not one that is still to be put together.
  const url = Buffer.from(`http://s.example/${code}?q=${'x'.repeat(QUERY_BYTES)}`).toString();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  links.load(domainId, url.slice('http://s.example/'.length, url.indexOf('?')), resolve);
  return promise;
}

function residentMiB(): number {
  Bun.gc(true);
  return process.memoryUsage.rss() / MiB;
}

/** Shorter ones JavaScriptCore copies by itself. */
function codeOf(number: number): string {
  return `a-long-slug-${number}`;
}

function rowOf(domainId: number, shortCode: string): ShortUrlRow {
  return {
    ...{ domainId, shortCode: Buffer.from(shortCode).toString(), shortUrlId: 1, longUrl: 'https://example.com/' },
    ...{ forwardQuery: true, validSinceMs: null, validUntilMs: null, maxVisits: null, rules: null },
  };
}

function newLinks(find: (shortCode: string) => ShortUrlRow | undefined): Links {
  const links = new Links({
    find: async (_domainIds, shortCodes) => shortCodes.map(find).filter((row) => row !== undefined),
    canLoad: () => true,
    otherDomainIds: () => [],
    cacheMaxBytes: 64 * MiB,
    cacheTtlMs: 60_000,
    unknownCodesMax: 100_000,
    deadlineMs: 10_000,
    maxBatch: 1_000,
    maxBatchesInFlight: 2,
    maxQueue: 10_000,
  });
  ends.push(() => links.close());
  return links;
}
