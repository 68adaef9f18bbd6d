import { type Bench, keep, keptDatabase } from './bench.ts';
import type { Contender } from './contender.ts';
import { alone, type Figure } from './figure.ts';
import { codeOf, createRows, FIRST_LINK } from './links.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { createVisits, isFilled } from './stats-visits.ts';
import { number } from './table.ts';

/** Made within a minute or two; 50,000,000 took 38 minutes of one core, and 30 GB. */
const VISITS = 1_000_000;
const API_KEY = '8c1d6f0a-2f57-4f0e-b0c4-5f6f4f0d9b11';
/** Of each kind in a round: enough for a 95th percentile. */
const REQUESTS = 40;
const SUMMARY = { of: 'hop', is: '≤', value: 20 } as const;

/** What is asked for; `{code}` is that of another link each time, the popular ones more often. */
const QUESTIONS = [
  { what: 'summary of all', path: '/visits', goal: SUMMARY },
  { what: 'summary of a link', path: '/short-urls/{code}', goal: SUMMARY },
  { what: 'statistics of a link, 30 days', path: '/short-urls/{code}/stats', goal: SUMMARY },
  { what: 'statistics of a link, a year by months', path: '/short-urls/{code}/stats?interval=month' },
  { what: 'statistics of all, 30 days', path: '/visits/stats' },
  { what: 'statistics of all, a year by months', path: '/visits/stats?interval=month' },
  { what: 'series of all, two days by hours', path: '/visits/stats?interval=hour' },
  { what: 'newest 20 visits of a link', path: '/short-urls/{code}/visits?itemsPerPage=20' },
  { what: 'newest 20 visits of all', path: '/visits/non-orphan?itemsPerPage=20' },
  { what: 'page 1,000 of all visits', path: '/visits/non-orphan?page=1000&itemsPerPage=20' },
] as const;

/** How long the REST API takes for summaries, series and lists, one request after the other: the 95th percentile. */
export async function stats(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const visits = options.visits ?? VISITS;
  const { url } = await keptDatabase(bench);
  if (await isFilled(url, visits)) progress('the database is there');
  else {
    progress(`creating ${options.links.toLocaleString('en')} links`);
    await createRows(url, options.links);
    progress(`creating ${visits.toLocaleString('en')} visits`);
    await createVisits(url, visits, options.links);
  }
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: url, directory, cacheMaxBytes: ROOM_FOR_ALL, link: FIRST_LINK, apiKey: API_KEY }),
  );
  progress('warming up');
  await ask(hop, options.links);
  progress('measuring');
  const rounds: number[][] = [];
  for (let round = 0; round < options.rounds; round++) rounds.push(await ask(hop, options.links));
  const of = `${number(visits)} visits, ${number(options.links)} links`;
  return QUESTIONS.map(({ what, ...question }, index) => {
    const about = { what: `${what} (p95; ${of})`, unit: 'ms', goal: 'goal' in question ? question.goal : undefined };
    return alone(
      about,
      rounds.map((round) => round[index] ?? Number.NaN),
    );
  });
}

/** The 95th percentile of the times for each question, in ms. */
async function ask(hop: Contender, links: number): Promise<number[]> {
  const percentiles: number[] = [];
  for (const { path } of QUESTIONS) {
    const timesMs: number[] = [];
    for (let i = 0; i < REQUESTS; i++) timesMs.push(await time(hop, path.replace('{code}', draw(links))));
    percentiles.push(timesMs.sort((a, b) => a - b)[Math.ceil(0.95 * REQUESTS) - 1] ?? Number.NaN);
  }
  return percentiles;
}

async function time({ port, host }: Contender, path: string): Promise<number> {
  const begunAtMs = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/rest/v3${path}`, { headers: { host, 'x-api-key': API_KEY } });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`);
  return performance.now() - begunAtMs;
}

/** By Zipf(1), as the visits. */
function draw(links: number): string {
  return codeOf(Math.floor(links ** Math.random()));
}
