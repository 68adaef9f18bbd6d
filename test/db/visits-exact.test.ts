import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import type { Database } from '../../src/db/database.ts';
import type { ClassifiedVisit } from '../../src/visits/classified-visit.ts';
import { createVisitStore } from '../../src/visits/store.ts';
import type { VisitBatch, VisitStore } from '../../src/visits/visit-batch.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seededRandom } from '../support/random.ts';
import { connect } from '../support/sql.ts';
import {
  classifiedVisit,
  contradictions,
  openDatabase,
  orphanVisit,
  readCounts,
  visitBatch,
} from '../support/visit-batches.ts';

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

const random = seededRandom(4);
const pick = <T>(values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0];

/** Of a few short URLs on two domains, one slug with two lives, over four days around a change of the month. */
function randomVisit(): ClassifiedVisit {
  const timeMs = Date.UTC(2026, 9, 30) + random(4 * 86_400_000);
  const isBot = random(5) === 0;
  if (random(10) === 0) return orphanVisit({ timeMs, isBot, kind: pick(['base_url', 'regular_404']) });
  const shortUrlId = 1 + random(20);
  return classifiedVisit({
    domainId: shortUrlId % 2,
    shortCode: `code-${shortUrlId % 8}`,
    shortUrlId,
    timeMs,
    isBot,
    browser: pick(['firefox', 'chrome', '']),
    os: pick(['linux', 'windows']),
    device: pick(['desktop', 'android']),
    referrerHost: random(4) === 0 ? `r${random(500)}.example` : '',
    location: null,
  });
}

async function registerJournal(on = store): Promise<string> {
  const journalId = randomUUID();
  await on.lastSequences([journalId]);
  return journalId;
}

function randomBatches(journalId: string, count: number, size: number): VisitBatch[] {
  return Array.from({ length: count }, (_, i) =>
    visitBatch(journalId, i + 1, Array.from({ length: size }, randomVisit)),
  );
}

/** As a recorder does: from wherever the checkpoint is, until everything is stored. */
async function drain(batches: readonly VisitBatch[]): Promise<void> {
  const journalId = batches[0]?.journalId ?? '';
  for (;;) {
    const last = (await store.lastSequences([journalId])).get(journalId) ?? 0;
    const next = batches.find(({ firstSequence }) => firstSequence === last + 1);
    if (next === undefined) return;
    await store.apply(next);
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: random(1e9) }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

async function storedVisits(): Promise<number> {
  const [row] = await sql<{ visits: number }[]>`
    select (select count(*) from visits)::int + (select count(*) from orphan_visits)::int as visits`;
  return row?.visits ?? 0;
}

test('batches sent three times each, shuffled, are stored once', async () => {
  const before = await storedVisits();
  const batches = randomBatches(await registerJournal(), 12, 200);
  const tries = shuffled([...batches, ...batches, ...batches]);
  for (const batch of tries) await store.apply(batch);
  await drain(batches);
  for (const batch of shuffled(batches)) expect(await store.apply(batch)).toBe(false);
  expect(await storedVisits()).toBe(before + 2_400);
  expect(await contradictions(sql)).toEqual([]);
});

test('two recorders of one journal and two of others, at once, store everything once', async () => {
  const before = await storedVisits();
  const shared = randomBatches(await registerJournal(), 10, 200);
  const others = [randomBatches(await registerJournal(), 10, 200), randomBatches(await registerJournal(), 10, 200)];
  await Promise.all([shared, shared, ...others].map(drain));
  expect(await storedVisits()).toBe(before + 6_000);
  expect(await contradictions(sql)).toEqual([]);
});

test('recorders whose batches name the same short URLs in opposite order do not deadlock', async () => {
  const visits = Array.from({ length: 2_000 }, (_, i) =>
    classifiedVisit({ shortCode: `opposite-${i}`, shortUrlId: 1_000 + i }),
  );
  const journals = await Promise.all([registerJournal(), registerJournal()]);
  await Promise.all(
    journals.map(async (journalId, which) => {
      const ordered = which === 0 ? visits : visits.toReversed();
      for (let sequence = 1; sequence <= 5; sequence++) {
        expect(await store.apply(visitBatch(journalId, sequence, ordered))).toBe(true);
      }
    }),
  );
  const [row] = await sql`select deadlocks::int from pg_stat_database where datname = current_database()`;
  expect(row).toEqual({ deadlocks: 0 });
  expect(await contradictions(sql)).toEqual([]);
});

const COUNTS = ['short_url_visit_totals', 'short_url_visits_daily', 'visit_totals', 'visits_daily'];
const TABLES = ['journals', 'visits', 'orphan_visits', ...COUNTS];

test('what a failover has lost is stored by sending it again, and is counted once', async () => {
  const journalId = await registerJournal();
  const batches = randomBatches(journalId, 6, 100);
  for (const batch of batches.slice(0, 3)) await store.apply(batch);
  for (const table of TABLES) await sql`create table ${sql(`old_${table}`)} as select * from ${sql(table)}`;
  await drain(batches);
  const whole = await readCounts(sql);
  for (const table of TABLES) {
    await sql`truncate ${sql(table)}`;
    await sql`insert into ${sql(table)} select * from ${sql(`old_${table}`)}`;
  }
  for (const batch of batches) expect(await store.apply(batch)).toBe(batch.firstSequence > 3);
  expect(await readCounts(sql)).toEqual(whole);
  expect(await contradictions(sql)).toEqual([]);
});

test('the row of a day stays small, whoever visits, and counts everybody', async () => {
  const journalId = await registerJournal();
  const flooded = { shortCode: 'flooded', shortUrlId: 77, domainId: 0 };
  for (let sequence = 1; sequence <= 60; sequence++) {
    const visits = Array.from({ length: 100 }, (_, i) =>
      classifiedVisit({ ...flooded, isBot: i % 2 === 0, referrerHost: `r${sequence * 100 + i}.${'x'.repeat(240)}` }),
    );
    await store.apply(visitBatch(journalId, sequence, visits));
  }
  const [row] = await sql`
    select octet_length(counts) < 60000 as is_small, non_bots::int, bots::int from short_url_visits_daily
    where short_url_id = 77`;
  expect(row).toEqual({ is_small: true, non_bots: 3_000, bots: 3_000 });
  const referrers = await sql`
    select sum(c.non_bots)::int as non_bots, sum(c.bots)::int as bots, bool_or(c.value = 'other') as has_others
    from short_url_visits_daily, visit_counts(counts) c where short_url_id = 77 and c.dimension = 'referrer'`;
  expect([...referrers]).toEqual([{ non_bots: 3_000, bots: 3_000, has_others: true }]);
  expect(await contradictions(sql)).toEqual([]);
});

test('visits of unknown domains and of short URLs deleted meanwhile are stored and stay apart from the new one', async () => {
  const journalId = await registerJournal();
  const lives = [
    classifiedVisit({ domainId: 4711, shortCode: 'lives', shortUrlId: 501 }),
    classifiedVisit({ domainId: 4711, shortCode: 'lives', shortUrlId: 502 }),
    classifiedVisit({ domainId: 4711, shortCode: 'lives', shortUrlId: 502 }),
  ];
  expect(await store.apply(visitBatch(journalId, 1, lives))).toBe(true);
  const totals = await sql`
    select short_url_id::int, non_bots::int from short_url_visit_totals where short_code = 'lives' order by 1`;
  expect([...totals]).toEqual([
    { short_url_id: 501, non_bots: 1 },
    { short_url_id: 502, non_bots: 2 },
  ]);
});

test('visits are counted for the tags that the short URL has when they are stored', async () => {
  const journalId = await registerJournal();
  const tagged = { domainId: 0, shortCode: 'tagged', shortUrlId: 601 };
  const visits = [classifiedVisit(tagged), classifiedVisit({ ...tagged, isBot: true }), classifiedVisit()];
  await sql`insert into short_url_tags values (0, 'tagged', 601, 31), (0, 'tagged', 601, 32)`;
  await store.apply(visitBatch(journalId, 1, visits));
  await sql`delete from short_url_tags where tag_id = 32`;
  await store.apply(visitBatch(journalId, 2, visits));
  const tags = await sql`
    select t.scope_id::int as tag, t.non_bots::int, t.bots::int, d.non_bots::int as of_day
    from visit_totals t join visits_daily d using (scope, scope_id) where scope = 'tag' order by 1`;
  expect([...tags]).toEqual([
    { tag: 31, non_bots: 2, bots: 2, of_day: 2 },
    { tag: 32, non_bots: 1, bots: 1, of_day: 1 },
  ]);
});
