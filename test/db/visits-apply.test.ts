import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import type { Database } from '../../src/db/database.ts';
import { createVisitStore, isRefusal } from '../../src/visits/store.ts';
import type { VisitStore } from '../../src/visits/visit-batch.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { rejection } from '../support/rejection.ts';
import { connect } from '../support/sql.ts';
import { classifiedVisit, openDatabase, orphanVisit, visitBatch } from '../support/visit-batches.ts';

let testDatabase: TestDatabase;
let database: Database;
let sql: postgres.Sql & AsyncDisposable;
let store: VisitStore;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase(testDatabase.url);
  sql = connect(testDatabase.url);
  store = createVisitStore(database);
});
afterAll(async () => {
  await database.close();
  await sql[Symbol.asyncDispose]();
  await testDatabase.drop();
});

async function registerJournal(): Promise<string> {
  const journalId = randomUUID();
  await store.lastSequences([journalId]);
  return journalId;
}

describe('a visit', () => {
  test('is stored with all that is known of it', async () => {
    const location = { countryCode: 'DE', countryName: 'Germany', regionName: 'Hesse', cityName: 'Fulda' };
    const visit = classifiedVisit({
      shortCode: 'whole',
      location: { ...location, latitude: 50.55, longitude: 9.68, timezone: 'Europe/Berlin' },
    });
    await store.apply(visitBatch(await registerJournal(), 1, [visit]));
    const [{ visit_id, ...row } = {}] = await sql`select * from visits where short_code = 'whole'`;
    expect(row).toEqual({
      domain_id: '0',
      short_url_id: '1',
      visited_at: new Date(visit.timeMs),
      latitude: 50.55,
      longitude: 9.68,
      is_bot: false,
      short_code: 'whole',
      referrer: 'https://www.example.org/page',
      user_agent: 'Mozilla/5.0',
      remote_address: '203.0.113.0',
      visited_url: 'https://hop.test/abc',
      redirect_url: 'https://example.com/',
      device: 'desktop',
      browser: 'firefox',
      os: 'linux',
      country_code: 'DE',
      country_name: 'Germany',
      region_name: 'Hesse',
      city_name: 'Fulda',
      timezone: 'Europe/Berlin',
    });
  });

  test('of which hardly anything is known has nulls', async () => {
    const nothing = { referrer: '', userAgent: '', address: '', visitedUrl: '', redirectUrl: '' };
    const unknown = { device: '', browser: '', os: '', referrerHost: '' };
    const bare = classifiedVisit({ shortCode: 'bare', ...nothing, ...unknown });
    await store.apply(visitBatch(await registerJournal(), 1, [bare, classifiedVisit({ shortCode: 'full' })]));
    const [row] = await sql`
      select referrer, user_agent, remote_address, visited_url, redirect_url, device, browser, os, country_code,
        timezone, latitude from visits where short_code = 'bare'`;
    expect(Object.values(row ?? {})).toEqual(Array.from({ length: 11 }, () => null));
    expect(await sql`select os from visits where short_code = 'full'`).toEqual([{ os: 'linux' }] as never);
  });

  test('without a short URL is an orphan visit, counted by kind', async () => {
    const journalId = await registerJournal();
    const kinds = ['base_url', 'regular_404', 'regular_404', 'invalid_short_url'] as const;
    await store.apply(
      visitBatch(
        journalId,
        1,
        kinds.map((kind) => orphanVisit({ kind })),
      ),
    );
    const stored = await sql`select kind, count(*)::int from orphan_visits group by 1 order by 1`;
    expect([...stored]).toEqual([
      { kind: 'base_url', count: 1 },
      { kind: 'invalid_short_url', count: 1 },
      { kind: 'regular_404', count: 2 },
    ]);
    const counted = await sql`
      select c.value, c.non_bots::int, d.non_bots::int as of_day from visits_daily d, visit_counts(counts) c
      where scope = 'orphan' and dimension = 'kind' order by 1`;
    expect([...counted]).toEqual([
      { value: 'base_url', non_bots: 1, of_day: 4 },
      { value: 'invalid_short_url', non_bots: 1, of_day: 4 },
      { value: 'regular_404', non_bots: 2, of_day: 4 },
    ]);
  });
});

describe('a batch', () => {
  test('is stored at its checkpoint only', async () => {
    const journalId = await registerJournal();
    const batch = (sequence: number) => visitBatch(journalId, sequence, [classifiedVisit({ shortCode: 'order' })]);
    expect(await store.apply(batch(2))).toBe(false);
    expect(await store.apply(batch(1))).toBe(true);
    expect(await store.apply(batch(1))).toBe(false);
    expect(await store.apply(batch(2))).toBe(true);
    expect(await store.lastSequences([journalId])).toEqual(new Map([[journalId, 2]]));
    expect(await sql`select from visits where short_code = 'order'`).toHaveLength(2);
  });

  test('of a journal that nobody registered is not stored', async () => {
    expect(await store.apply(visitBatch(randomUUID(), 1, [classifiedVisit()]))).toBe(false);
  });

  test('that is refused leaves nothing behind and is told from an outage', async () => {
    const journalId = await registerJournal();
    const unstorable = classifiedVisit({ timeMs: Number.MIN_SAFE_INTEGER });
    const refused = await rejection(
      store.apply(visitBatch(journalId, 1, [classifiedVisit({ shortCode: 'refused' }), unstorable])),
    );
    expect(isRefusal(refused)).toBe(true);
    expect(isRefusal(new Error('connection lost'))).toBe(false);
    expect(await sql`select from short_url_visit_totals where short_code = 'refused'`).toHaveLength(0);
    expect(await store.lastSequences([journalId])).toEqual(new Map([[journalId, 0]]));
  });

  test('may be empty but for what was rejected and dropped', async () => {
    const journalId = await registerJournal();
    const rejected = [{ sequence: 1, position: 3, record: 'a "record"', reason: '22008: out of range' }];
    const batch = visitBatch(journalId, 1, [], { rejected, dropped: 7, droppedOrphans: 2, lastSequence: 4 });
    expect(await store.apply(batch)).toBe(true);
    const rows = await sql`
      select sequence::int, position, record, reason from rejected_visits where journal_id = ${journalId}`;
    expect([...rows]).toEqual(rejected);
    const [journal] = await sql`
      select last_seq::int, dropped::int, dropped_orphans::int from journals where journal_id = ${journalId}`;
    expect(journal).toEqual({ last_seq: 4, dropped: 7, dropped_orphans: 2 });
  });
});

test('a gap is counted and skipped once, at the checkpoint only', async () => {
  const journalId = await registerJournal();
  const gap = { journalId, firstSequence: 1, lastSequence: 5_000_000_000 };
  expect(await store.skip({ ...gap, firstSequence: 2 })).toBe(false);
  expect(await store.skip(gap)).toBe(true);
  expect(await store.skip(gap)).toBe(false);
  const rows = await sql`select first_seq::float8, last_seq::float8 from journal_gaps where journal_id = ${journalId}`;
  expect([...rows]).toEqual([{ first_seq: 1, last_seq: 5_000_000_000 }]);
  expect(await store.lastSequences([journalId])).toEqual(new Map([[journalId, 5_000_000_000]]));
});
