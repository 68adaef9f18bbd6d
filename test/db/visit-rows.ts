import type postgres from 'postgres';

/** All visits are before this. */
export const VISITS_END = new Date('2026-07-01T00:00:00Z');
const TAGS_WITH_DAYS = 200;

/**
 * `count` visits of the short URLs there are in the 91 days before {@link VISITS_END}, a third as many of none, and what
 * the recorder would have counted of them: made by the server itself, the same each time. April is in the default
 * partition, as visits are that were imported; May and June have their own.
 */
export async function insertVisitRows(sql: postgres.Sql, count: number): Promise<void> {
  for (const table of ['visits', 'orphan_visits'])
    await sql.unsafe(`
      create table ${table}_2026_05 partition of ${table} for values from ('2026-05-01Z') to ('2026-06-01Z');
      create table ${table}_2026_06 partition of ${table} for values from ('2026-06-01Z') to ('2026-07-01Z')`);
  await insertVisits(sql, count);
  await insertOrphanVisits(sql, Math.round(count / 3));
  await insertDays(sql);
  await sql`
    insert into visit_totals (scope, scope_id, non_bots, bots)
    select scope, scope_id, sum(non_bots), sum(bots) from visits_daily group by 1, 2
    union all select 'tag', tag_id, 0, 0 from tags where tag_id > ${TAGS_WITH_DAYS}`;
  await sql`
    vacuum (analyze) visits, orphan_visits, short_url_visits_daily, short_url_visit_totals, visits_daily, visit_totals`;
}

/** Zipf(1) over the short URLs; multiples of these two fractions fill a square evenly. */
function insertVisits(sql: postgres.Sql, count: number) {
  return sql`
    insert into visits (
      domain_id, short_code, short_url_id, visited_at, is_bot, referrer, user_agent, visited_url, country_code
    )
    select domain_id, short_code, short_url_id,
      ${VISITS_END}::timestamptz - i * 0.7548776662 % 1 * interval '91 days', i % 10 = 0,
      'https://site' || i % 50 || '.example/', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/' || 100 + i % 40 || '.0.0.0',
      'https://s.example.org/' || short_code, (array['US', 'IN', 'DE', 'BR'])[1 + i % 4]
    from (
      select i, exp(i * 0.5698402910 % 1 * ln((select max(short_url_id) from short_urls)))::bigint as short_url_id
      from generate_series(1, ${count}::bigint) i
    ) v join short_urls using (short_url_id)`;
}

/** Most are of codes that do not exist, on the default domain. */
function insertOrphanVisits(sql: postgres.Sql, count: number) {
  return sql`
    insert into orphan_visits (domain_id, visited_at, is_bot, kind, referrer, user_agent, visited_url)
    select case when i % 20 = 1 then 3 else 0 end,
      ${VISITS_END}::timestamptz - i * 0.7548776662 % 1 * interval '91 days', i % 10 = 0,
      case when i % 30 = 7 then 'base_url' when i % 30 = 8 then 'regular_404' else 'invalid_short_url' end,
      'https://site' || i % 50 || '.example/', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/' || 100 + i % 40 || '.0.0.0',
      case when i % 20 = 1 then 'https://d3.example/no' else 'https://hop.test/no' end || i
    from generate_series(1, ${count}::bigint) i`;
}

/** A day of each short URL that was visited on it, its total, and days of all, of orphans, and of every domain and tag. */
async function insertDays(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into short_url_visits_daily (domain_id, short_code, short_url_id, day, non_bots, bots, counts)
    select domain_id, short_code, short_url_id, (visited_at at time zone 'UTC')::date, count(*), 0,
      E'h\t12\t' || count(*) || E'\t0\nc\tUS\t' || count(*) || E'\t0\n'
    from visits group by 1, 2, 3, 4`;
  await sql`truncate short_url_visit_totals`;
  await sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots)
    select domain_id, short_code, short_url_id, sum(non_bots) from short_url_visits_daily group by 1, 2, 3`;
  await sql`
    insert into visits_daily (scope, scope_id, day, non_bots, bots, counts)
    select scope, scope_id, day, visits, 0, E'h\t12\t' || visits || E'\t0\nc\tUS\t' || visits || E'\t0\n'
    from (
      select 'all' as scope, 0::bigint as scope_id, (select count(*) from visits) / 91 as visits
      union all select 'orphan', 0, (select count(*) from orphan_visits) / 91
      union all select 'domain', domain_id, 100 from domains
      union all select 'tag', tag_id, 2 from tags where tag_id <= ${TAGS_WITH_DAYS}
    ) s, generate_series(${VISITS_END}::date - 91, ${VISITS_END}::date - 1, interval '1 day') day`;
}
