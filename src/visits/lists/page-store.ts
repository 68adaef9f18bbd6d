import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/pool.ts';
import { unprepared } from '../../db/unprepared.ts';
import type { VisitFilter } from './list-request.ts';
import { chosenShortUrls, type Fragment, isWanted, visitsOf } from './set-sql.ts';
import type { Visit } from './visit.ts';
import type { OneShortUrl, VisitSet } from './visit-set.ts';

export interface Window {
  readonly limit: number;
  readonly offset: number;
}

/** How the visits of some short URLs are found. */
export type Way =
  /** Through all visits, newest first, asking of each whether it belongs to them. */
  | 'walk'
  /** The newest ones of each of the short URLs, sorted. */
  | 'gather';

/** Visits newest first. */
export function readVisits(
  database: Pick<Database, 'run'>,
  set: VisitSet,
  filter: VisitFilter,
  window: Window,
  way: Way = 'walk',
): Promise<Visit[]> {
  const query = (sql: Sql) => {
    if (set.of === 'short-url') return ofShortUrl(sql, set, filter, window);
    return set.of === 'some' && way === 'gather'
      ? gathered(sql, set, filter, window)
      : walked(sql, set, filter, window);
  };
  return database.run('reports', (sql) => unprepared(query(sql)), { retry: true });
}

function walked(sql: Sql, set: VisitSet, filter: VisitFilter, { limit, offset }: Window) {
  const { from, where } = visitsOf(sql, set);
  return sql<Visit[]>`
    select ${columns(sql, set)} from ${from}
    where ${where} and ${isWanted(sql, filter)}
    order by v.visited_at desc, v.visit_id desc
    limit ${limit} offset ${offset}`;
}

/**
 * By bounds on the whole key, in whose order no plan is better than to read the keys of the partitions backwards. By
 * equality with three columns that go together PostgreSQL multiplies their shares, expects a handful of visits, and
 * sorts all there are (35,607 for the newest 20 at 50,000,000: 134 to 413 ms, from disk 7 to 13 s). Bounds it judges by
 * their first column: `<=` leaves all visits of the domain, `<` would leave none.
 */
function ofShortUrl(sql: Sql, set: OneShortUrl, filter: VisitFilter, { limit, offset }: Window) {
  const { from, to } = filter.range;
  const place = sql`(v.domain_id, v.short_code, v.short_url_id, v.visited_at)`;
  const key = sql`${set.domainId}::bigint, ${set.shortCode}, ${set.shortUrlId}::bigint`;
  const start = from === null ? sql`'-infinity'` : sql`${from}::timestamptz`;
  const end = to === null ? sql`'infinity'` : sql`${to}::timestamptz`;
  return sql<Visit[]>`
    select ${columns(sql, set)} from visits v
    where ${place} >= (${key}, ${start}) and ${place} <= (${key}, ${end}) and ${isWanted(sql, filter)}
    order by v.domain_id desc, v.short_code desc, v.short_url_id desc, v.visited_at desc, v.visit_id desc
    limit ${limit} offset ${offset}`;
}

/** No short URL can have more on the page than there are up to its end. */
function gathered(sql: Sql, set: Extract<VisitSet, { of: 'some' }>, filter: VisitFilter, { limit, offset }: Window) {
  const { from, where } = chosenShortUrls(sql, set);
  return sql<Visit[]>`
    select ${columns(sql, set)}
    from ${from}
    cross join lateral (
      select v.* from visits v
      where v.domain_id = s.domain_id and v.short_code = s.short_code and v.short_url_id = s.short_url_id
        and ${isWanted(sql, filter)}
      order by v.visited_at desc, v.visit_id desc
      limit ${offset + limit}
    ) v
    where ${where}
    order by v.visited_at desc, v.visit_id desc
    limit ${limit} offset ${offset}`;
}

function columns(sql: Sql, { of }: VisitSet): Fragment {
  return sql`
    v.visited_at as "visitedAt", v.is_bot as "isBot", v.referrer, v.user_agent as "userAgent",
    v.visited_url as "visitedUrl", v.redirect_url as "redirectUrl", v.country_code as "countryCode",
    v.country_name as "countryName", v.region_name as "regionName", v.city_name as "cityName",
    v.latitude, v.longitude, v.timezone, ${of === 'orphans' ? sql`v.kind` : sql`null`} as kind`;
}
