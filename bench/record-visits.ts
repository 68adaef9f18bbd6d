import { createLogger } from '../src/observability/log.ts';
import { JournalWriter } from '../src/visits/journal/writer.ts';
import { encodeVisit } from '../src/visits/record.ts';
import { seededRandom } from '../test/support/random.ts';
import type { Link } from './links.ts';

/** As many as a loaded process writes in 5 ms. */
const VISITS_OF_A_FRAME = 500;
const NETWORKS = 300_000;

type Random = (below: number) => number;

/**
 * A journal as a web process would have written it: links, networks, user agents and pages visited as often as their
 * rank says (Zipf), one visit in ten by a bot, one in twenty an orphan visit.
 */
export async function writeJournal(directory: string, links: readonly Link[], visits: number, seed = 1): Promise<void> {
  const random = seededRandom(seed);
  const writer = new JournalWriter({
    directory,
    sync: 'off',
    syncIntervalMs: 60_000,
    writeIntervalMs: 60_000,
    maxSegmentBytes: 64 * 2 ** 20,
    maxSegmentAgeMs: 60_000,
    maxBytes: 64 * 2 ** 30,
    orphansPerSecond: visits,
    log: createLogger('warn'),
  });
  const startMs = Date.now() - visits / 20;
  for (let i = 0; i < visits; i++) {
    writer.append(...visit(random, links, Math.round(startMs + i / 20)));
    if (i % VISITS_OF_A_FRAME === 0) writer.write();
  }
  await writer.close();
}

function visit(random: Random, links: readonly Link[], timeMs: number): [record: string, isOrphan: boolean] {
  const isOrphan = random(20) === 0;
  const index = zipf(random, links.length);
  const { shortCode, longUrl } = links[index] ?? { shortCode: '', longUrl: '' };
  const record = encodeVisit({
    kind: isOrphan ? 'invalid_short_url' : 'short_url',
    domainId: 0,
    shortCode: isOrphan ? '' : shortCode,
    shortUrlId: isOrphan ? 0 : index + 1,
    timeMs,
    referrer: referrer(random),
    userAgent: userAgent(random),
    address: address(random),
    visitedUrl: `https://s.example.com/${shortCode}`,
    redirectUrl: isOrphan ? '' : longUrl,
  });
  return [record, isOrphan];
}

/** A rank below `count`, each as often as one divided by it. */
function zipf(random: Random, count: number): number {
  return Math.min(count - 1, Math.floor(Math.exp((random(2 ** 30) / 2 ** 30) * Math.log(count + 1))) - 1);
}

function referrer(random: Random): string {
  if (random(3) === 0) return '';
  const site = zipf(random, 2_000);
  return `https://www.site${site}.example/articles/${zipf(random, 50)}?utm=${site % 7}`;
}

/** Four octets of which the last is gone. */
function address(random: Random): string {
  const network = 1 + ((zipf(random, NETWORKS) * 48_271) % 0xdf_ffff);
  return `${1 + (network >> 16)}.${(network >> 8) & 255}.${network & 255}.0`;
}

/** Some 3,000 different ones: versions of the usual browsers. */
function userAgent(random: Random): string {
  if (random(10) === 0)
    return `Mozilla/5.0 (compatible; Googlebot/2.${zipf(random, 5)}; +http://www.google.com/bot.html)`;
  const version = 60 + zipf(random, 80);
  const build = zipf(random, 10);
  const template = USER_AGENTS[zipf(random, USER_AGENTS.length)] ?? '';
  return template.replace('VERSION', `${version}.0.${build}`);
}

const USER_AGENTS = [
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/VERSION Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/VERSION Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/VERSION Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/VERSION Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/VERSION',
  'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/VERSION',
];
