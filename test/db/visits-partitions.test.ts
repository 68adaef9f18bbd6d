import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import type { Database } from '../../src/db/database.ts';
import { createLogger } from '../../src/observability/log.ts';
import { maintainPartitions } from '../../src/visits/partitions.ts';
import { createVisitStore } from '../../src/visits/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect } from '../support/sql.ts';
import { classifiedVisit, openDatabase, orphanVisit, visitBatch } from '../support/visit-batches.ts';

let testDatabase: TestDatabase;
let database: Database;
let sql: postgres.Sql & AsyncDisposable;
const log = createLogger('silent');

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase(testDatabase.url);
  sql = connect(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await sql[Symbol.asyncDispose]();
  await testDatabase.drop();
});

async function partitions(table: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass order by 1`;
  return rows.map(({ name }) => name);
}

async function storeVisits(shortCode: string, ...times: number[]): Promise<void> {
  const store = createVisitStore(database);
  const journalId = randomUUID();
  await store.lastSequences([journalId]);
  const visits = times.flatMap((timeMs) => [classifiedVisit({ shortCode, timeMs }), orphanVisit({ timeMs })]);
  expect(await store.apply(visitBatch(journalId, 1, visits))).toBe(true);
}

/** Where the raw visits of a short code are. */
async function placesOf(shortCode: string) {
  return [
    ...(await sql`
    select tableoid::regclass::text as partition, count(*)::int as visits from visits
    where short_code = ${shortCode} group by 1 order by 1`),
  ];
}

test('months are made ahead by several recorders at once, and what lies in the default partition moves along', async () => {
  await storeVisits('early', Date.UTC(2026, 10, 30, 23, 59, 59, 999), Date.UTC(2026, 11, 1), Date.UTC(2020, 0, 1));
  expect(await placesOf('early')).toEqual([{ partition: 'visits_default', visits: 3 }]);
  const nowMs = Date.UTC(2026, 10, 15);
  await Promise.all(Array.from({ length: 4 }, () => maintainPartitions({ database, log, nowMs })));
  const months = ['2026_11', '2026_12', '2027_01', 'default'];
  expect(await partitions('visits')).toEqual(months.map((month) => `visits_${month}`));
  expect(await partitions('orphan_visits')).toEqual(months.map((month) => `orphan_visits_${month}`));
  expect(await placesOf('early')).toEqual([
    { partition: 'visits_2026_11', visits: 1 },
    { partition: 'visits_2026_12', visits: 1 },
    { partition: 'visits_default', visits: 1 },
  ]);
  await storeVisits('later', Date.UTC(2026, 11, 31), Date.UTC(2027, 0, 1));
  expect(await placesOf('later')).toEqual([
    { partition: 'visits_2026_12', visits: 1 },
    { partition: 'visits_2027_01', visits: 1 },
  ]);
});

test('a table that somebody holds is left for later', async () => {
  const nowMs = Date.UTC(2027, 1, 10);
  await using holder = connect(testDatabase.url);
  await holder.begin(async (held) => {
    await held`lock table visits_default in access share mode`;
    await maintainPartitions({ database, log, nowMs });
  });
  expect(await partitions('visits')).not.toContain('visits_2027_02');
  expect(await partitions('orphan_visits')).toContain('orphan_visits_2027_02');
  await maintainPartitions({ database, log, nowMs });
  expect(await partitions('visits')).toContain('visits_2027_02');
});

test('retention drops whole months and old rows of the default partition; what was counted stays', async () => {
  await storeVisits('kept', Date.UTC(2026, 10, 20), Date.UTC(2026, 11, 20), Date.UTC(2019, 5, 1));
  const counted = await countsOf('kept');
  expect(counted).toMatchObject({ ofIt: 3, itsDays: 3 });
  // 2027-01-15 minus 45 days: December 1st; November is over by then, December is not.
  await maintainPartitions({ database, log, retentionDays: 45, nowMs: Date.UTC(2027, 0, 15) });
  expect(await placesOf('kept')).toEqual([{ partition: 'visits_2026_12', visits: 1 }]);
  expect(await partitions('visits')).not.toContain('visits_2026_11');
  expect(await sql`select to_regclass('visits_2026_11') as name`).toMatchObject([{ name: null }]);
  expect(await countsOf('kept')).toEqual(counted);
});

/** What is told of a short URL, and of all, when their visits are gone. */
async function countsOf(shortCode: string): Promise<object | undefined> {
  const [counts] = await sql`
    select (select non_bots::int from short_url_visit_totals where short_code = ${shortCode}) as "ofIt",
      (select sum(non_bots)::int from short_url_visits_daily where short_code = ${shortCode}) as "itsDays",
      (select sum(non_bots)::int from visit_totals) as "ofAll", (select sum(non_bots)::int from visits_daily) as "allDays"`;
  return counts;
}

test('a month that was detached but not dropped is dropped', async () => {
  await sql`alter table visits detach partition visits_2026_12`;
  await maintainPartitions({ database, log, retentionDays: 45, nowMs: Date.UTC(2027, 1, 20) });
  expect(await sql`select to_regclass('visits_2026_12') as name`).toMatchObject([{ name: null }]);
});

test('a process that ends leaves what it has begun to the next one, without a word', async () => {
  const lines: string[] = [];
  const ending = await openDatabase(testDatabase.url);
  const stopping = new AbortController();
  const { signal } = stopping;
  const nowMs = Date.UTC(2028, 5, 1);
  const upkeep = maintainPartitions({
    database: ending,
    log: createLogger('debug', (line) => lines.push(line)),
    nowMs,
    signal,
  });
  stopping.abort();
  await ending.close(0);
  expect(await upkeep).toBe(false);
  expect(lines).toEqual([]);
  expect(await partitions('orphan_visits')).not.toContain('orphan_visits_2028_08');
});
