import type { ClassifiedVisit } from '../src/visits/classified-visit.ts';
import type { VisitBatch } from '../src/visits/visit-batch.ts';
import { seededRandom } from '../test/support/random.ts';

export interface VisitTraffic {
  /** Short URLs that are visited. */
  readonly links: number;
  /** Of the Zipf distribution by which: the r-th most popular has a share of 1 / r^exponent. */
  readonly exponent?: number;
  readonly startMs?: number;
  /** Time that passes between one visit and the next. */
  readonly stepMs?: number;
  readonly seed?: number;
}

const BROWSERS = ['chrome', 'chrome', 'chrome', 'safari', 'safari', 'firefox', 'microsoft edge', 'samsung internet'];
const SYSTEMS = ['windows', 'android', 'android', 'ios', 'macos', 'linux'];
const COUNTRIES = ['US', 'IN', 'DE', 'BR', 'GB', 'FR', 'JP', 'CA', 'ES', 'IT', 'MX', 'NL', 'PL', 'TR', 'ID', 'KR'];
const REFERRERS = ['', '', '', 'google.com', 't.co', 'facebook.com', 'news.ycombinator.com', 'linkedin.com'];
const LONG_URL = 'https://www.example.com/articles/2026/11/some-article-of-usual-length?utm_source=newsletter&id=';

/** Endless visits as they are on the web: few links have most, one in ten is a bot's, one in a hundred referrers rare. */
export function visitTraffic({ links, exponent = 1, startMs = Date.UTC(2026, 10, 24, 9), ...rest }: VisitTraffic) {
  const { stepMs = 0.02, seed = 1 } = rest;
  const random = seededRandom(seed);
  const rank = zipfRanks(links, exponent, random);
  const pick = (values: readonly string[]) => values[random(values.length)] ?? '';
  let timeMs = startMs;
  return (): ClassifiedVisit => {
    const shortUrlId = rank() + 1;
    const isBot = random(10) === 0;
    const os = isBot ? '' : pick(SYSTEMS);
    const referrerHost = random(100) === 0 ? `blog${random(100_000)}.example` : pick(REFERRERS);
    timeMs += stepMs;
    return {
      kind: 'short_url',
      domainId: 0,
      shortCode: codeOf(shortUrlId),
      shortUrlId,
      timeMs: Math.floor(timeMs),
      referrer: referrerHost === '' ? '' : `https://${referrerHost}/`,
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${random(40) + 100}.0.0.0 Safari/537.36`,
      address: `203.0.${random(256)}.0`,
      visitedUrl: `https://hop.example/${codeOf(shortUrlId)}`,
      redirectUrl: LONG_URL + shortUrlId,
      isBot,
      device: isBot ? '' : os === 'android' || os === 'ios' ? 'mobile' : 'desktop',
      browser: isBot ? '' : pick(BROWSERS),
      os,
      referrerHost,
      location: {
        countryCode: pick(COUNTRIES),
        countryName: '',
        regionName: '',
        cityName: '',
        latitude: null,
        longitude: null,
        timezone: '',
      },
    };
  };
}

/** The next batches of one journal. */
export function batches(journalId: string, size: number, next: () => ClassifiedVisit): () => VisitBatch {
  let sequence = 0;
  return () => {
    const visits = Array.from({ length: size }, next);
    const firstSequence = ++sequence;
    const none = { rejected: [], dropped: 0, droppedOrphans: 0 };
    return { journalId, firstSequence, lastSequence: firstSequence, visits, ...none };
  };
}

/** Seven characters that jump around in the order of keys, as random codes do. */
function codeOf(shortUrlId: number): string {
  return ((shortUrlId * 48_432_017) % 2_176_782_336).toString(36).padStart(7, '0');
}

/** By bisection in the cumulated shares: any exponent, and no rank is out of reach. */
function zipfRanks(count: number, exponent: number, random: (bound: number) => number): () => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) cumulated[rank] = sum += 1 / (rank + 1) ** exponent;
  return () => {
    const target = (random(2 ** 31) / 2 ** 31) * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] ?? sum) <= target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
