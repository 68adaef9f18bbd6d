import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { createVisitStore } from '../src/visits/store.ts';
import { cpuSeconds } from './cpu.ts';
import { openDatabase } from './open-database.ts';
import { batches, type VisitTraffic, visitTraffic } from './visit-batches.ts';

export interface StoreTiming {
  readonly batchSize: number;
  readonly visits: number;
  readonly visitsPerSecond: number;
  /** CPU of the recorder's part (tallies, texts, driver) and of PostgreSQL, each visit. */
  readonly clientMicros: number;
  readonly serverMicros: number;
  /** Written to the write-ahead log, each visit. */
  readonly walBytes: number;
}

export interface StoreBench extends VisitTraffic {
  readonly batchSize: number;
  readonly visits: number;
  readonly warmUpVisits?: number;
  /** Of PostgreSQL's postmaster. */
  readonly serverPid: number;
}

/** Stores classified visits one batch after the other, as a recorder that has to catch up does. */
export async function measureVisitStore(databaseUrl: string, options: StoreBench): Promise<StoreTiming> {
  const { batchSize, visits, warmUpVisits = visits / 2, serverPid } = options;
  const database = openDatabase(databaseUrl);
  const sql = postgres({ ...connectionOptions(databaseUrl), max: 1 });
  try {
    await database.reached(5_000);
    const store = createVisitStore(database);
    const journalId = crypto.randomUUID();
    await store.lastSequences([journalId]);
    const nextBatch = batches(journalId, batchSize, visitTraffic(options));
    const total = { visits: 0, seconds: 0, client: 0, server: 0, wal: 0 };
    for (let sent = 0; sent < warmUpVisits + visits; sent += batchSize) {
      const batch = nextBatch();
      const before = await serverReadings(sql, serverPid);
      const own = process.cpuUsage();
      const startedAtMs = performance.now();
      if (!(await store.apply(batch))) throw new Error('a batch did not apply');
      const { user, system } = process.cpuUsage(own);
      const seconds = (performance.now() - startedAtMs) / 1e3;
      const after = await serverReadings(sql, serverPid);
      if (sent < warmUpVisits) continue;
      total.visits += batchSize;
      total.seconds += seconds;
      total.client += user + system;
      total.server += after.server - before.server;
      total.wal += after.wal - before.wal;
    }
    return {
      batchSize,
      visits: total.visits,
      visitsPerSecond: total.visits / total.seconds,
      clientMicros: total.client / total.visits,
      serverMicros: (total.server * 1e6) / total.visits,
      walBytes: total.wal / total.visits,
    };
  } finally {
    await database.close();
    await sql.end();
  }
}

async function serverReadings(sql: postgres.Sql, serverPid: number) {
  const [row] = await sql<{ wal: number }[]>`select (pg_current_wal_lsn() - '0/0')::float8 as wal`;
  return { wal: row?.wal ?? 0, server: await cpuSeconds(serverPid) };
}
