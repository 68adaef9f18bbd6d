import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { type Bench, keep, ownDatabase } from './bench.ts';
import { cpuSeconds } from './cpu.ts';
import { type BenchDatabase, DURABLE } from './database.ts';
import { alone, type Figure, versus } from './figure.ts';
import { createLinks, type Link } from './links.ts';
import { CORES, startPinned, stop } from './processes.ts';
import { writeJournal } from './record-visits.ts';

const MAIN = join(import.meta.dir, '../src/main.ts');
const LINKS = 100_000;
/** In each round; so many that the start of the recorder is a small part. */
const VISITS = 500_000;
const TABLES = ['visits', 'orphan_visits'] as const;

type Sql = postgres.Sql<{ bigint: number }>;

/**
 * Visits from a journal to PostgreSQL, with all that is found out and counted of them, the recorder on one core and the
 * server on the other; against a COPY of the rows that came of it into the same tables, by the server from a file of
 * its own, which is the least that storing them can take.
 */
export async function record(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const database = await ownDatabase(bench, DURABLE);
  const links = await createLinks(database.url, Math.min(options.links, LINKS));
  const sql = postgres({ ...connectionOptions(database.url), max: 1 });
  cleanUp.defer(() => sql.end());
  const stage = { directory, cleanUp, database, sql, links, visits: options.visits ?? VISITS };
  const rounds: { own: Costs; copy: Costs }[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    progress(round === 0 ? 'warming up' : `measuring, round ${round}`);
    const own = await recordOnce(stage, join(directory, `data-${round}`), round);
    const copy = await copyOnce(stage);
    if (round > 0) rounds.push({ own, copy });
  }
  const perSecond = (of: keyof Costs) => rounds.map(({ own }) => stage.visits / own[of]);
  const pairs = rounds.map(({ own, copy }) => [stage.visits / own.wall, stage.visits / copy.wall] as const);
  return [
    alone(
      { what: 'recorder, its start included', unit: 'visits/s a core', goal: { of: 'hop', is: '≥', value: 60_000 } },
      perSecond('recorder'),
    ),
    alone({ what: 'PostgreSQL', unit: 'visits/s a core' }, perSecond('server')),
    versus({ what: 'together', unit: 'visits/s' }, 'COPY', pairs),
  ];
}

interface Stage {
  readonly directory: string;
  readonly cleanUp: AsyncDisposableStack;
  readonly database: BenchDatabase;
  readonly sql: Sql;
  readonly links: readonly Link[];
  readonly visits: number;
}

/** In seconds, `recorder` and `server` of CPU. */
interface Costs {
  readonly wall: number;
  readonly recorder: number;
  readonly server: number;
}

async function recordOnce(stage: Stage, dataDir: string, round: number): Promise<Costs> {
  const { cleanUp, database, sql, links, visits } = stage;
  await writeJournal(join(dataDir, 'journal'), links, visits, round + 1);
  const before = await recorded(sql);
  const serverBefore = await cpuSeconds(database.pid);
  const begunAtMs = performance.now();
  const recorder = startPinned([process.execPath, MAIN, 'recorder'], {
    core: CORES.server,
    env: {
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      DEFAULT_DOMAIN: 's.example.com',
      JOURNAL_MAX_BYTES: '64GiB',
      LOG_LEVEL: 'warn',
    },
  });
  await keep(cleanUp, Promise.resolve({ stop: () => stop(recorder) }));
  while ((await recorded(sql)) < before + visits) {
    if (recorder.exitCode !== null) throw new Error('the recorder has ended');
    await Bun.sleep(20);
  }
  const wall = (performance.now() - begunAtMs) / 1000;
  const costs = {
    wall,
    recorder: await cpuSeconds(recorder.pid),
    server: (await cpuSeconds(database.pid)) - serverBefore,
  };
  await stop(recorder);
  return costs;
}

/** Writes the rows out, empties the tables, and measures how they come back; then the tables are empty again. */
async function copyOnce({ directory, database, sql }: Stage): Promise<Costs> {
  // Below the server's own folder, where it may write.
  const file = (table: string) => sql.unsafe(`'${join(directory, 'postgres/pg', `${table}.copy`)}'`);
  for (const table of TABLES) await sql`copy (select * from ${sql(table)}) to ${file(table)}`;
  await sql`truncate visits, orphan_visits`;
  await sql`checkpoint`;
  const serverBefore = await cpuSeconds(database.pid);
  const begunAtMs = performance.now();
  for (const table of TABLES) await sql`copy ${sql(table)} from ${file(table)}`;
  const wall = (performance.now() - begunAtMs) / 1000;
  const server = (await cpuSeconds(database.pid)) - serverBefore;
  await sql`truncate visits, orphan_visits`;
  return { wall, recorder: 0, server };
}

async function recorded(sql: Sql): Promise<number> {
  const [row] = await sql<{ visits: number }[]>`
    select coalesce(sum(non_bots + bots), 0)::float8 as visits from visit_totals where scope in ('all', 'orphan')`;
  return row?.visits ?? 0;
}
