import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { migrate } from '../src/db/migrate.ts';
import { createLogger } from '../src/observability/log.ts';
import { type Bench, keep, ownDatabase, within } from './bench.ts';
import { measure, type Sample } from './compare.ts';
import type { Contender } from './contender.ts';
import type { BenchDatabase } from './database.ts';
import { type Figure, versus } from './figure.ts';
import { createRows, FIRST_LINK } from './links.ts';
import { residentBytes } from './memory.ts';
import { ROOM_FOR_NEXT_TO_NONE, startHop } from './peers/hop.ts';
import { number } from './table.ts';
import { type Workload, writeDraws } from './workloads.ts';
import { checkAll, load } from './wrk.ts';

/** As hop is set unless told otherwise; the largest size does not fit. */
const CACHE_MAX_BYTES = 256 * 2 ** 20;
/** Of these at least, the least cache holds next to none. */
const COLD_LINKS = 100_000;
const COLD_WARM_UP_SECONDS = 2;
/** What a link takes on the disk, and in the memory of all who hold it. */
const BYTES_PER_LINK = 700;
/** On a machine so slow or busy that ten million take longer, a million are the most. */
const CREATE_WITHIN_MS = 240_000;
const GOAL = { of: 'ratio', is: '≤', value: 1.3 } as const;

interface Size {
  readonly count: number;
  readonly url: string;
}

interface Sized {
  readonly count: number;
  readonly contender: Contender;
  readonly workload: Workload;
}

/**
 * Whether a redirect gets dearer with the number of links. Hot: Zipf(1), the cache at its default size and filled by as
 * many draws as there are links in the third size, then draws that are new: with many links some are no longer, or not yet, in memory. Cold: next to no
 * cache, so only sizes of which it holds next to none.
 */
export async function grow(bench: Bench): Promise<Figure[]> {
  const database = await ownDatabase(bench);
  const sizes = await createSizes(bench, database.url);
  return [...(await hot(bench, database, sizes)), ...(await cold(bench, database, sizes))];
}

async function createSizes({ options, progress }: Bench, serverUrl: string): Promise<Size[]> {
  const sizes: Size[] = [];
  let expectedMs = 0;
  for (const count of await counts(options.links)) {
    const text = `${count.toLocaleString('en')} links`;
    if (expectedMs > CREATE_WITHIN_MS) {
      progress(`leaving out ${text}, which would take too long to create`);
      break;
    }
    progress(`creating ${text}`);
    const begunAtMs = performance.now();
    sizes.push({ count, url: await createDatabase(serverUrl, count) });
    // Of few links, making their tables is the larger part.
    if (count >= COLD_LINKS) expectedMs = (performance.now() - begunAtMs) * 10;
  }
  return sizes;
}

async function hot(bench: Bench, database: BenchDatabase, sizes: readonly Size[]): Promise<Figure[]> {
  await using cleanUp = within(bench.cleanUp);
  const draws = bench.options.links;
  const sized: Sized[] = [];
  for (const { count, url } of sizes) {
    bench.progress(`warming up with ${count.toLocaleString('en')} links`);
    const contender = await startSized(bench, cleanUp, { count, url, cacheMaxBytes: CACHE_MAX_BYTES });
    const write = (seed: number) =>
      writeDraws(join(bench.directory, `zipf-${count}-${seed}`), { count, draws, law: 'zipf', seed });
    await checkAll(contender, (await write(1)).file);
    sized.push({ count, contender, workload: await write(2) });
  }
  const rounds = await measureSizes(bench, database, sized);
  const bytes = await Promise.all(sized.map(({ contender }) => residentBytes(contender.pid)));
  return [
    ...figuresOf('hot', sized, rounds),
    ...sized.slice(1).map(({ count }, index) => {
      const pair = [(bytes[index + 1] ?? 0) / 2 ** 20, (bytes[0] ?? 0) / 2 ** 20] as const;
      return versus({ what: `memory, ${label(count)}`, unit: 'MiB' }, label(sized[0]?.count), [pair]);
    }),
  ];
}

async function cold(bench: Bench, database: BenchDatabase, sizes: readonly Size[]): Promise<Figure[]> {
  await using cleanUp = within(bench.cleanUp);
  const draws = bench.options.links;
  const sized: Sized[] = [];
  for (const { count, url } of sizes.filter(({ count }) => count >= COLD_LINKS)) {
    bench.progress(`warming up, uncached, with ${count.toLocaleString('en')} links`);
    const contender = await startSized(bench, cleanUp, { count, url, cacheMaxBytes: ROOM_FOR_NEXT_TO_NONE });
    const file = join(bench.directory, `uniform-${count}`);
    const workload = await writeDraws(file, { count, draws, law: 'uniform', seed: 3 });
    await load(contender, workload.file, 0, COLD_WARM_UP_SECONDS);
    sized.push({ count, contender, workload });
  }
  return figuresOf('cold', sized, await measureSizes(bench, database, sized));
}

function startSized(
  { directory }: Bench,
  cleanUp: AsyncDisposableStack,
  { count, url, cacheMaxBytes }: Size & { cacheMaxBytes: number },
): Promise<Contender> {
  const name = `hop-${count}-${cacheMaxBytes}`;
  return keep(cleanUp, startHop({ databaseUrl: url, directory, cacheMaxBytes, link: FIRST_LINK, name }));
}

/** For each round, of each size one sample, in turn. */
async function measureSizes(
  { options, progress }: Bench,
  database: BenchDatabase,
  sized: readonly Sized[],
): Promise<Sample[][]> {
  progress('measuring');
  const rounds: Sample[][] = [];
  for (let round = 0; round < options.rounds; round++) {
    const samples: Sample[] = [];
    for (const { contender, workload } of sized)
      samples.push(await measure(contender, workload, round, { ...options, databasePid: database.pid }));
    rounds.push(samples);
  }
  return rounds;
}

/** CPU of each size as a multiple of that of the first; the goal is for the last. */
function figuresOf(kind: string, sized: readonly Sized[], rounds: readonly (readonly Sample[])[]): Figure[] {
  return sized.slice(1).map(({ count }, index) => {
    const pairs = rounds.map((samples) => [micros(samples[index + 1]), micros(samples[0])] as const);
    const goal = index + 2 === sized.length ? GOAL : undefined;
    return versus({ what: `${kind}, ${label(count)}`, unit: 'µs of CPU', goal }, label(sized[0]?.count), pairs);
  });
}

function micros(sample: Sample | undefined): number {
  return sample?.cpuMicros ?? Number.NaN;
}

function label(count = 0): string {
  return `${number(count)} links`;
}

/** Ten times the usual number only where there is room for it. */
async function counts(links: number): Promise<number[]> {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  const sizes = [links / 1_000, links / 10, links, links * 10].map(Math.round);
  return sizes.filter((count) => count > 0 && count * BYTES_PER_LINK < Number(available) * 1024);
}

async function createDatabase(serverUrl: string, count: number): Promise<string> {
  const name = `links_${count}`;
  const sql = postgres({ ...connectionOptions(serverUrl), max: 1 });
  try {
    await sql`create database ${sql(name)}`;
  } finally {
    await sql.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate({ databaseUrl: url.href, log: createLogger('warn') });
  await createRows(url.href, count);
  return url.href;
}
