import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { type Bench, keep, ownDatabase } from './bench.ts';
import type { Contender } from './contender.ts';
import { cpuSeconds } from './cpu.ts';
import { DURABLE } from './database.ts';
import { type Figure, versus } from './figure.ts';
import { createLinks } from './links.ts';
import { startAiohttp } from './peers/aiohttp.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { dropIndexes } from './without-indexes.ts';
import { createLoad } from './wrk.ts';

/** There are some already, as there are where links are made. */
const LINKS = 100_000;
const CLIENTS = '64 clients';
const API_KEY = '3f9e0c52-6f0f-4c8e-9d8e-0b7a5f3c2d1e';

/**
 * Short URLs that 64 clients make, one a request, each committed to disk before its answer. hop writes them into the table
 * with all its indexes, the other service's table has nothing but a key; and once more, both with a key only: what hop
 * itself makes of it.
 */
export async function create(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { url, pid } = await ownDatabase(bench, DURABLE);
  progress(`creating ${LINKS.toLocaleString('en')} links`);
  const [link] = await createLinks(url, LINKS, 'all');
  if (link === undefined) throw new Error('there are no links');
  const aiohttp = await keep(cleanUp, startAiohttp(url, link, API_KEY));
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: url, directory, cacheMaxBytes: ROOM_FOR_ALL, link, apiKey: API_KEY }),
  );
  const sql = postgres({ ...connectionOptions(url), max: 1 });
  cleanUp.defer(() => sql.end());
  const sides: readonly [Side, Side] = [
    { contender: hop, table: 'short_urls', databasePid: pid },
    { contender: aiohttp, table: 'urls', databasePid: pid },
  ];
  progress('warming up');
  for (const side of sides) await measure(side, sql, 'warm-up', options.seconds);
  const rounds = async (named: string) => {
    progress(`measuring ${named}`);
    const samples: Sample[][] = [];
    for (let round = 0; round < options.rounds; round++) {
      const [own, other] = sides;
      const part = `${named}-${round}`;
      samples.push([await measure(own, sql, part, options.seconds), await measure(other, sql, part, options.seconds)]);
    }
    return (metric: keyof Sample) =>
      samples.map(([own, other]) => [own?.[metric] ?? Number.NaN, other?.[metric] ?? Number.NaN] as const);
  };
  const indexed = await rounds('indexed');
  await dropIndexes(sql, 'short_urls');
  const keyOnly = await rounds('key');
  const goal = { of: 'ratio', is: '≥', value: 5 } as const;
  const figure = (what: string, unit: string, pairs: ReturnType<typeof indexed>) =>
    versus({ what, unit }, 'aiohttp', pairs);
  return [
    versus({ what: CLIENTS, unit: 'creates/s', goal }, 'aiohttp', indexed('rate')),
    figure(CLIENTS, 'µs of CPU', indexed('cpuMicros')),
    figure(`${CLIENTS}, PostgreSQL`, 'µs of CPU', indexed('databaseCpuMicros')),
    figure(`${CLIENTS}, a key only`, 'creates/s', keyOnly('rate')),
    figure(`${CLIENTS}, a key only, PostgreSQL`, 'µs of CPU', keyOnly('databaseCpuMicros')),
  ];
}

interface Side {
  readonly contender: Contender;
  readonly table: string;
  readonly databasePid: number;
}

interface Sample {
  readonly rate: number;
  readonly cpuMicros: number;
  readonly databaseCpuMicros: number;
}

async function measure(side: Side, sql: postgres.Sql<{ bigint: number }>, part: string, seconds: number) {
  const { contender, table, databasePid } = side;
  const read = async () => ({
    rows: await count(sql, table),
    cpu: await cpuSeconds(contender.pid),
    database: await cpuSeconds(databasePid),
  });
  const before = await read();
  const { requests, micros } = await createLoad(contender, API_KEY, part, seconds);
  const after = await read();
  if (after.rows - before.rows < requests) throw new Error(`${contender.name} stored fewer links than it said`);
  return {
    rate: (requests / micros) * 1e6,
    cpuMicros: ((after.cpu - before.cpu) / requests) * 1e6,
    databaseCpuMicros: ((after.database - before.database) / requests) * 1e6,
  };
}

async function count(sql: postgres.Sql<{ bigint: number }>, table: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::float8 as count from ${sql(table)}`;
  return row?.count ?? 0;
}
