import { expect, setDefaultTimeout, test } from 'bun:test';
import { connect } from 'node:net';
import { until } from '../process/fixtures/programs.ts';
import { printFigures } from '../support/figures.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';

// What is counted after a fixed number of redirects, each of whose answers was read.

const REDIRECTS = Number(process.env.FAULT_REDIRECTS || 1_000_000);
const LINKS = 50;
const CLIENTS = 32;
/** One request in as many is a bot's; no divisor of LINKS, so that every link has both. */
const BOT_EACH = 7;

setDefaultTimeout(REDIRECTS + 120_000);

test(`${REDIRECTS.toLocaleString('en')} redirects are as many visits, in all and by link, with bots apart`, async () => {
  await using stage = await startSupervised();
  const paths = await createLinks(stage);
  const beganAtMs = performance.now();
  const clients = Array.from({ length: CLIENTS }, (_, client) => ask(stage.port, requestsOf(client, paths)));
  const redirects = (await Promise.all(clients)).reduce((sum, each) => sum + each, 0);
  const endedAtMs = performance.now();
  expect(redirects).toBe(REDIRECTS);
  await until(async () => sumOf(await countedByPath(stage)) >= REDIRECTS + stage.asked, 120_000);
  const drainedMs = performance.now() - endedAtMs;
  await Bun.sleep(1_000); // what is counted twice would be by now
  const total = REDIRECTS + stage.asked;
  expect(await totals(stage)).toEqual({ counted: total, raw: total });
  const { [stage.path]: ofStage, ...byPath } = await countedByPath(stage);
  expect(sumOf({ ofStage })).toBe(stage.asked);
  expect(byPath).toEqual(expected(paths));
  printFigures(`${REDIRECTS} redirects`, { perSecond: (REDIRECTS / (endedAtMs - beganAtMs)) * 1_000, drainedMs });
});

async function createLinks({ url }: Supervised): Promise<string[]> {
  const create = async (index: number) => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ url: `https://example.com/${index}` }) });
    return new URL(answer.headers.get('location') ?? '').pathname;
  };
  return Promise.all(Array.from({ length: LINKS }, (_, index) => create(index)));
}

interface Asked {
  readonly path: string;
  readonly isBot: boolean;
}

function nth(index: number, paths: readonly string[]): Asked {
  return { path: paths[index % LINKS] ?? '', isBot: index % BOT_EACH === 0 };
}

function* requestsOf(client: number, paths: readonly string[]): Generator<string> {
  for (let index = client; index < REDIRECTS; index += CLIENTS) {
    const { path, isBot } = nth(index, paths);
    const agent = isBot ? 'Googlebot/2.1 (+http://www.google.com/bot.html)' : 'Mozilla/5.0 (X11) Firefox/121.0';
    yield `GET ${path} HTTP/1.1\r\nHost: s.example\r\nUser-Agent: ${agent}\r\n\r\n`;
  }
}

/**
 * Sends them on one connection and reads every answer; how many of them were redirects. One at a time: Bun closes a
 * connection on which a request arrives while a link is looked up for the one before (oven-sh/bun#38128).
 */
async function ask(port: number, requests: Generator<string>): Promise<number> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let [redirects, head] = [0, ''];
  const socket = connect(port, '127.0.0.1', () => send());
  const send = () => {
    const { value, done } = requests.next();
    if (done === true) socket.end();
    else socket.write(value);
  };
  socket.on('data', (data) => {
    head += data.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    if (head.startsWith('HTTP/1.1 302 ')) redirects++;
    head = '';
    send();
  });
  socket.on('error', () => {}).on('close', () => resolve());
  await closed;
  return redirects;
}

type Counts = Record<string, { nonBots: number; bots: number } | undefined>;

function expected(paths: readonly string[]): Counts {
  const counts = Object.fromEntries(paths.map((path) => [path, { nonBots: 0, bots: 0 }]));
  for (let index = 0; index < REDIRECTS; index++) {
    const { path, isBot } = nth(index, paths);
    const ofPath = counts[path];
    if (ofPath !== undefined) ofPath[isBot ? 'bots' : 'nonBots']++;
  }
  return counts;
}

async function countedByPath({ sql }: Supervised): Promise<Counts> {
  const rows = await sql<{ path: string; nonBots: number; bots: number }[]>`
    select '/' || short_code as path, non_bots::int as "nonBots", bots::int as bots from short_url_visit_totals`;
  return Object.fromEntries(rows.map(({ path, nonBots, bots }) => [path, { nonBots, bots }]));
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, ofPath) => sum + (ofPath?.nonBots ?? 0) + (ofPath?.bots ?? 0), 0);
}

/** Visits as they are counted of all, and those that are stored one by one. */
async function totals({ sql }: Supervised) {
  const [row] = await sql<{ counted: number; raw: number }[]>`
    select (select sum(non_bots + bots)::int from visit_totals where scope = 'all') as counted,
      (select count(*)::int from visits) as raw`;
  return row;
}
