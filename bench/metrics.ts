import { RedirectCounters } from '../src/redirect/counters.ts';
import { createRedirectLatency, timed } from '../src/redirect/latency.ts';
import { spread } from './statistics.ts';

// What metrics cost a redirect: `bun bench/metrics.ts [rounds]`. The same answer with and without them, in one process,
// taking turns, because the difference is less than what separates two runs.

const ROUNDS = Number(process.argv[2] ?? 301);
const REQUESTS = 20_000;
const INIT = { status: 302, headers: { location: 'https://example.com/', 'cache-control': 'private' } };
const request = new Request('http://localhost:3000/known');

/** The least that a redirect does; whatever else it does is the same with metrics. */
const answer = (asked: Request) => (asked.url.length > 0 ? new Response(null, INIT) : undefined);

const counters = new RedirectCounters();
const counted = timed((asked) => {
  counters.hits++;
  counters.redirected++;
  return answer(asked);
}, createRedirectLatency());

function nsPerRequest(handle: (asked: Request) => unknown): number {
  const begunAt = Bun.nanoseconds();
  for (let i = 0; i < REQUESTS; i++) handle(request);
  return (Bun.nanoseconds() - begunAt) / REQUESTS;
}

// Until the code is compiled as well as it gets.
for (let i = 0; i < 20; i++) for (const handle of [answer, counted]) nsPerRequest(handle);
const rounds = Array.from({ length: ROUNDS }, (_, i) => {
  const [first, second] = i % 2 === 0 ? [answer, counted] : [counted, answer];
  const ns = new Map([
    [first, nsPerRequest(first)],
    [second, nsPerRequest(second)],
  ]);
  return { without: ns.get(answer) ?? Number.NaN, added: (ns.get(counted) ?? Number.NaN) - (ns.get(answer) ?? 0) };
});
const [without, added] = [spread(rounds.map((round) => round.without)), spread(rounds.map((round) => round.added))];
console.log(`an answer ${without.median.toFixed(0)} ns; metrics add (median, least, most)`, [
  ...[added.median, added.min, added.max].map((ns) => `${ns.toFixed(0)} ns`),
]);
