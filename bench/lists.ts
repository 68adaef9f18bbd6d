import postgres from 'postgres';
import type { ApiKey } from '../src/api-keys/api-key.ts';
import { connectionOptions } from '../src/db/connection.ts';
import { readListRequest } from '../src/short-urls/list-request.ts';
import { ShortUrlLists } from '../src/short-urls/list-service.ts';
import { insertListRows } from '../test/db/list-rows.ts';
import { type Bench, ownDatabase } from './bench.ts';
import { alone, type Figure } from './figure.ts';
import { LIST_QUERIES } from './lists-queries.ts';
import { openDatabase } from './open-database.ts';
import { spread } from './statistics.ts';

/** Every kind of list over short URLs with tags, titles and visits: the first request of each, and those that follow. */
export async function lists(bench: Bench): Promise<Figure[]> {
  const { url } = await ownDatabase(bench);
  const { links, rounds } = bench.options;
  bench.progress(`creating ${links.toLocaleString('en')} short URLs with tags, titles and visits`);
  const timings = await measureLists(url, links, rounds);
  console.log(formatLists(timings));
  const what = `${timings.length} kinds of list, over kinds`;
  const each = (of: 'firstMs' | 'medianMs') => timings.map((timing) => timing[of]);
  return [
    alone({ what: `${what}, median of ${rounds}`, unit: 'ms' }, each('medianMs')),
    alone({ what: `${what}, the first time`, unit: 'ms' }, each('firstMs')),
  ];
}

export interface ListTiming {
  readonly query: string;
  readonly totalItems: number;
  /** Of the first request, whose total nobody has counted before. */
  readonly firstMs: number;
  readonly medianMs: number;
}

/** Fills the database with short URLs and times each list query: the page, its total, and all that it looks up. */
export async function measureLists(databaseUrl: string, count: number, rounds: number): Promise<ListTiming[]> {
  const sql = postgres({ ...connectionOptions(databaseUrl), max: 1 });
  try {
    await insertListRows(sql, count);
    await sql`checkpoint`;
  } finally {
    await sql.end();
  }
  return timeLists(databaseUrl, rounds);
}

export async function timeLists(databaseUrl: string, rounds: number): Promise<ListTiming[]> {
  const database = openDatabase(databaseUrl);
  try {
    await database.reached(5_000);
    const findDomain = async (name: string) => Number(/^d(\d)\.example$/.exec(name)?.[1]);
    const lists = new ShortUrlLists({ database, defaultDomain: 'hop.test', findDomain });
    const timings: ListTiming[] = [];
    for (const { query, roles = [] } of LIST_QUERIES) {
      const apiKey = { apiKeyId: 1, name: 'key1', roles };
      timings.push(await time(lists, query, apiKey, rounds));
    }
    return timings;
  } finally {
    await database.close();
  }
}

/** One line for each query, the slowest marked. */
export function formatLists(timings: readonly ListTiming[]): string {
  const slowest = Math.max(...timings.map(({ medianMs }) => medianMs));
  const width = Math.max(...timings.map(({ query }) => query.length));
  const lines = timings.map(({ query, totalItems, firstMs, medianMs }) => {
    const figures = [totalItems.toLocaleString('en').padStart(11), ms(firstMs), ms(medianMs)].join('  ');
    return `${query.padEnd(width)}  ${figures}${medianMs === slowest ? '  ← slowest' : ''}`;
  });
  const header = `${'lists'.padEnd(width)}        total   first ms  median ms`;
  return [header, ...lines].join('\n');
}

async function time(lists: ShortUrlLists, query: string, apiKey: ApiKey, rounds: number): Promise<ListTiming> {
  const request = readListRequest(`?${query.replace(/^\(.*\) ?/, '')}`);
  let totalItems = 0;
  const timesMs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAtMs = performance.now();
    ({ totalItems } = await lists.page(request, apiKey));
    timesMs.push(performance.now() - startedAtMs);
  }
  const [firstMs = Number.NaN, ...others] = timesMs;
  return { query, totalItems, firstMs, medianMs: spread(others).median };
}

function ms(value: number): string {
  return value.toFixed(1).padStart(9);
}
