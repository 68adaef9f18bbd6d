import type postgres from 'postgres';
import { Database } from '../../src/db/database.ts';
import { createLogger } from '../../src/observability/log.ts';
import type { ClassifiedVisit } from '../../src/visits/classified-visit.ts';
import type { VisitBatch } from '../../src/visits/visit-batch.ts';

/** A visit of the short URL `abc` by a person, unless told otherwise. */
export function classifiedVisit(fields: Partial<ClassifiedVisit> = {}): ClassifiedVisit {
  return {
    kind: 'short_url',
    domainId: 0,
    shortCode: 'abc',
    shortUrlId: 1,
    timeMs: Date.UTC(2026, 10, 24, 13, 30, 0, 123),
    referrer: 'https://www.example.org/page',
    userAgent: 'Mozilla/5.0',
    address: '203.0.113.0',
    visitedUrl: 'https://hop.test/abc',
    redirectUrl: 'https://example.com/',
    isBot: false,
    device: 'desktop',
    browser: 'firefox',
    os: 'linux',
    referrerHost: 'example.org',
    location: null,
    ...fields,
  };
}

/** A visit of another kind, which has no short URL. */
export function orphanVisit(fields: Partial<ClassifiedVisit> = {}): ClassifiedVisit {
  return classifiedVisit({ kind: 'base_url', shortCode: '', shortUrlId: 0, redirectUrl: '', ...fields });
}

/** The frame `sequence` of a journal. */
export function visitBatch(
  journalId: string,
  sequence: number,
  visits: readonly ClassifiedVisit[],
  fields: Partial<VisitBatch> = {},
): VisitBatch {
  const counts = { rejected: [], dropped: 0, droppedOrphans: 0 };
  return { journalId, firstSequence: sequence, lastSequence: sequence, visits, ...counts, ...fields };
}

/** A recorder's way to the database. */
export async function openDatabase(url: string): Promise<Database> {
  const database = new Database({
    url,
    log: createLogger('silent'),
    pools: { lookups: 1, writes: 4, reports: 1 },
    timeoutsMs: { lookups: 10_000, writes: 10_000, reports: 10_000 },
    connectTimeoutMs: 2_000,
    prepare: true,
    serverTimeouts: true,
  });
  if (!(await database.reached(5_000))) throw new Error('the test database cannot be reached');
  return database;
}

/** Everything that is counted of visits, in order and summed up, so that two databases can be compared. */
export async function readCounts(sql: postgres.Sql) {
  return {
    totals: await sql`
      select domain_id, short_code, short_url_id, non_bots, bots from short_url_visit_totals order by 1, 2, 3`,
    scopeTotals: await sql`select scope, scope_id, non_bots, bots from visit_totals order by 1, 2`,
    days: await sql`
      select domain_id, short_code, short_url_id, day, d.non_bots, d.bots, c.dimension, c.value,
        sum(c.non_bots)::int as counted_non_bots, sum(c.bots)::int as counted_bots
      from short_url_visits_daily d, visit_counts(counts) c
      group by domain_id, short_code, short_url_id, day, d.non_bots, d.bots, c.dimension, c.value
      order by 1, 2, 3, 4, c.dimension, c.value collate "C"`,
    scopeDays: await sql`
      select scope, scope_id, day, d.non_bots, d.bots, c.dimension, c.value,
        sum(c.non_bots)::int as counted_non_bots, sum(c.bots)::int as counted_bots
      from visits_daily d, visit_counts(counts) c
      group by scope, scope_id, day, d.non_bots, d.bots, c.dimension, c.value
      order by 1, 2, 3, c.dimension, c.value collate "C"`,
  };
}

/** Each thing that is counted and that is not what the raw visits say, as one readable line; none is right. */
export async function contradictions(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with raw as (
      select domain_id, short_code, short_url_id, (visited_at at time zone 'UTC')::date as day,
        extract(hour from visited_at at time zone 'UTC')::int::text as hour, is_bot,
        coalesce(country_code, '') as country, coalesce(browser, '') as browser, coalesce(os, '') as os,
        coalesce(device, '') as device
      from visits
    ), raw_totals as (
      select domain_id, short_code, short_url_id, count(*) filter (where not is_bot) as non_bots,
        count(*) filter (where is_bot) as bots
      from raw group by 1, 2, 3
    ), raw_counts as (
      select domain_id, short_code, short_url_id, day, dimension, value,
        count(*) filter (where not is_bot) as non_bots, count(*) filter (where is_bot) as bots
      from raw, lateral (values ('hour', hour), ('country', country), ('browser', browser), ('os', os),
        ('device', device)) d (dimension, value)
      group by 1, 2, 3, 4, 5, 6
    ), counts as (
      select domain_id, short_code, short_url_id, day, c.dimension, c.value, sum(c.non_bots)::bigint as non_bots,
        sum(c.bots)::bigint as bots
      from short_url_visits_daily d, visit_counts(d.counts) c
      where c.dimension <> 'referrer'
      group by 1, 2, 3, 4, 5, 6
    ), scoped as (
      select 'all' as scope, 0::bigint as scope_id, * from raw union all select 'domain', domain_id, * from raw
    )
    select 'total ' || coalesce(t, r)::text as line
    from raw_totals r full join (
      select domain_id, short_code, short_url_id, non_bots, bots from short_url_visit_totals
    ) t using (domain_id, short_code, short_url_id)
    where (t.non_bots, t.bots) is distinct from (r.non_bots, r.bots)
    union all
    select 'day ' || coalesce(c, r)::text
    from raw_counts r full join counts c using (domain_id, short_code, short_url_id, day, dimension, value)
    where (c.non_bots, c.bots) is distinct from (r.non_bots, r.bots)
    union all
    select 'day total ' || d::text
    from (
      select domain_id, short_code, short_url_id, day, non_bots, bots from short_url_visits_daily
    ) d left join (
      select domain_id, short_code, short_url_id, day, dimension, sum(non_bots) as non_bots, sum(bots) as bots
      from (
        select domain_id, short_code, short_url_id, day, c.* from short_url_visits_daily s, visit_counts(s.counts) c
      ) c group by 1, 2, 3, 4, 5
    ) c using (domain_id, short_code, short_url_id, day)
    where (c.non_bots, c.bots) is distinct from (d.non_bots, d.bots)
    union all
    select 'scope ' || coalesce(t, r)::text
    from (
      select scope, scope_id, count(*) filter (where not is_bot) as non_bots, count(*) filter (where is_bot) as bots
      from scoped group by 1, 2
    ) r full join (
      select scope, scope_id, non_bots, bots from visit_totals where scope in ('all', 'domain')
    ) t using (scope, scope_id)
    where (t.non_bots, t.bots) is distinct from (r.non_bots, r.bots)
    union all
    select 'scope day ' || coalesce(d, r)::text
    from (
      select scope, scope_id, day, count(*) filter (where not is_bot) as non_bots,
        count(*) filter (where is_bot) as bots
      from scoped group by 1, 2, 3
    ) r full join (
      select scope, scope_id, day, non_bots, bots from visits_daily where scope in ('all', 'domain')
    ) d using (scope, scope_id, day)
    where (d.non_bots, d.bots) is distinct from (r.non_bots, r.bots)`;
  return rows.map(({ line }) => line);
}
