import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import type { Database } from '../../src/db/database.ts';
import { deleteOrphanVisits, deleteShortUrlVisits } from '../../src/visits/deletion.ts';
import { createVisitStore } from '../../src/visits/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect } from '../support/sql.ts';
import { classifiedVisit, contradictions, openDatabase, orphanVisit, visitBatch } from '../support/visit-batches.ts';

let testDatabase: TestDatabase;
let database: Database;
let sql: postgres.Sql & AsyncDisposable;

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

const DAY_MS = 86_400_000;
const key = { domainId: 0, shortCode: 'gone', shortUrlId: 5 };

async function storeVisits(fields: Parameters<typeof classifiedVisit>[0], visits: number): Promise<void> {
  const journalId = randomUUID();
  const store = createVisitStore(database);
  await store.lastSequences([journalId]);
  const { timeMs } = classifiedVisit();
  const make = (_: unknown, i: number) =>
    classifiedVisit({ timeMs: timeMs + (i % 3) * DAY_MS, isBot: i % 4 === 0, ...fields });
  await store.apply(visitBatch(journalId, 1, Array.from({ length: visits }, make)));
}

async function totalsOf(scope: string) {
  return [
    ...(await sql`
    select t.scope_id::int, t.non_bots::int, t.bots::int,
      (select sum(non_bots)::int from visits_daily d where d.scope = t.scope and d.scope_id = t.scope_id) as of_days,
      (select sum(c.non_bots)::int from visits_daily d, visit_counts(counts) c
        where d.scope = t.scope and d.scope_id = t.scope_id and c.dimension = 'country') as of_countries
    from visit_totals t where t.scope = ${scope} order by 1`),
  ];
}

test('the visits of a short URL go, and with them their part in everything that is counted', async () => {
  await sql`insert into short_url_tags values (0, 'gone', 5, 7), (0, 'stays', 6, 7), (0, 'stays', 6, 8)`;
  await storeVisits(key, 12);
  await storeVisits({ ...key, shortUrlId: 4 }, 2); // of an earlier short URL of that slug
  await storeVisits({ domainId: 0, shortCode: 'stays', shortUrlId: 6 }, 8);
  expect(await deleteShortUrlVisits(database, key)).toBe(12);
  expect(await sql`select from visits where short_url_id = 5`).toHaveLength(0);
  expect(await sql`select from short_url_visit_totals where short_url_id = 5`).toHaveLength(0);
  expect(await sql`select from short_url_visits_daily where short_url_id = 5`).toHaveLength(0);
  expect(await contradictions(sql)).toEqual([]);
  expect(await totalsOf('all')).toEqual([{ scope_id: 0, non_bots: 7, bots: 3, of_days: 7, of_countries: 7 }]);
  expect(await totalsOf('tag')).toEqual([
    { scope_id: 7, non_bots: 6, bots: 2, of_days: 6, of_countries: 6 },
    { scope_id: 8, non_bots: 6, bots: 2, of_days: 6, of_countries: 6 },
  ]);
  expect(await deleteShortUrlVisits(database, key)).toBe(0);
});

test('while the recorder stores more: those after the deletion are counted, those before are not', async () => {
  const busy = { domainId: 0, shortCode: 'busy', shortUrlId: 9 };
  const stored = Array.from({ length: 30 }, () => storeVisits(busy, 5));
  const deleted = await Promise.all(Array.from({ length: 5 }, () => deleteShortUrlVisits(database, busy)));
  await Promise.all(stored);
  const [left] = await sql<{ count: number }[]>`select count(*)::int as count from visits where short_url_id = 9`;
  expect(deleted.reduce((sum, each) => sum + each, 0) + (left?.count ?? 0)).toBe(150);
  expect(await contradictions(sql)).toEqual([]);
});

test('orphan visits go all at once', async () => {
  const journalId = randomUUID();
  const store = createVisitStore(database);
  await store.lastSequences([journalId]);
  await store.apply(visitBatch(journalId, 1, [orphanVisit(), orphanVisit({ kind: 'regular_404', isBot: true })]));
  expect(await deleteOrphanVisits(database)).toBe(2);
  expect(await deleteOrphanVisits(database)).toBe(0);
  expect(await sql`select from orphan_visits`).toHaveLength(0);
  expect(await sql`select from visits_daily where scope = 'orphan'`).toHaveLength(0);
  expect(await contradictions(sql)).toEqual([]);
});
