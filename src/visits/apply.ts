import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import type { ClassifiedVisit } from './classified-visit.ts';
import { column } from './columns.ts';
import type { BatchTallies, ScopeKey, ShortUrlKey, Tally } from './tally.ts';
import { linesOf } from './traits.ts';
import type { VisitBatch } from './visit-batch.ts';

type Fragment = ReturnType<Sql>;

/**
 * Stores a batch and all that is counted of it, if its journal's checkpoint is where the batch begins; false if not.
 * One statement: who finds the checkpoint moved waits for whoever moves it, and then writes nothing at all.
 * PostgreSQL runs the parts that nobody reads from the last to the first, so the rows that all recorders share are
 * locked last and shortest. Deletions lock tables in the same order; rows go in the order of their keys.
 */
export async function applyBatch(database: Database, batch: VisitBatch, tallies: BatchTallies): Promise<boolean> {
  const { journalId, firstSequence, lastSequence, dropped, droppedOrphans } = batch;
  // The primary key's pages are then written one after the other.
  const inOrderOfKeys = tallies.shortUrls.flatMap(({ visits }) => visits);
  const rows = await database.run(
    'writes',
    (sql) => sql`
      with claimed as (
        update journals
        set last_seq = ${lastSequence}::bigint, dropped = dropped + ${dropped}::bigint,
          dropped_orphans = dropped_orphans + ${droppedOrphans}::bigint, updated_at = clock_timestamp()
        where journal_id = ${journalId}::uuid and last_seq = ${firstSequence}::bigint - 1
        returning journal_id
      ), scope_daily as (${addScopeDays(sql, tallies.scopes)}
      ), scope_totals as (${addScopeTotals(sql, tallies.scopes)}
      ), daily as (${addShortUrlDays(sql, tallies.shortUrls)}
      ), totals as (${addShortUrlTotals(sql, tallies.shortUrls)}
      ), orphans as (${insertOrphans(sql, tallies.orphans)}
      ), stored as (${insertVisits(sql, inOrderOfKeys)}
      ), rejected as (${insertRejected(sql, batch)}
      )
      select journal_id from claimed`,
    { retry: true },
  );
  return rows.length > 0;
}

function insertRejected(sql: Sql, { rejected }: VisitBatch): Fragment {
  return sql`
    insert into rejected_visits (journal_id, sequence, position, record, reason)
    select claimed.journal_id, r.sequence, r.position, r.record, r.reason
    from claimed, json_to_recordset(${JSON.stringify(rejected)}::text::json)
      as r (sequence bigint, position integer, record text, reason text)
    on conflict do nothing`;
}

function insertVisits(sql: Sql, visits: readonly ClassifiedVisit[]): Fragment {
  return sql`
    insert into visits (
      domain_id, short_code, short_url_id, ${visitColumns(sql)}
    )
    select domain_id, short_code, short_url_id, ${visitValues(sql)}
    from unnest(
      ${bigints(sql, visits, ({ domainId }) => domainId)},
      ${texts(sql, visits, ({ shortCode }) => shortCode)},
      ${bigints(sql, visits, ({ shortUrlId }) => shortUrlId)},
      ${visitArrays(sql, visits)}
    ) as v (domain_id, short_code, short_url_id, ${visitNames(sql)})
    where exists (select from claimed)`;
}

function insertOrphans(sql: Sql, visits: readonly ClassifiedVisit[]): Fragment {
  return sql`
    insert into orphan_visits (domain_id, kind, ${visitColumns(sql)})
    select domain_id, kind, ${visitValues(sql)}
    from unnest(
      ${bigints(sql, visits, ({ domainId }) => domainId)},
      ${texts(sql, visits, ({ kind }) => kind)},
      ${visitArrays(sql, visits)}
    ) as v (domain_id, kind, ${visitNames(sql)})
    where exists (select from claimed)`;
}

function visitColumns(sql: Sql): Fragment {
  return sql`visited_at, is_bot, referrer, user_agent, remote_address, visited_url, redirect_url, device, browser, os,
      country_code, country_name, region_name, city_name, timezone, latitude, longitude`;
}

/** Names of what {@link visitArrays} holds. */
function visitNames(sql: Sql): Fragment {
  return sql`seconds, is_bot, referrer, user_agent, remote_address, visited_url, redirect_url, device, browser, os,
      country_code, country_name, region_name, city_name, timezone, latitude, longitude`;
}

function visitValues(sql: Sql): Fragment {
  return sql`to_timestamp(seconds), is_bot, referrer, user_agent, remote_address, visited_url, redirect_url, device,
      browser, os, country_code, country_name, region_name, city_name, timezone, latitude, longitude`;
}

function visitArrays(sql: Sql, visits: readonly ClassifiedVisit[]): Fragment {
  // Columns of nothing need not be looked through: without a file that knows cities, a quarter of them.
  const placed = visits.some(hasPlace) ? visits : [];
  return sql`
      ${floats(sql, visits, ({ timeMs }) => timeMs / 1000)},
      ${texts(sql, visits, ({ isBot }) => (isBot ? 't' : 'f'))}::boolean[],
      ${texts(sql, visits, ({ referrer }) => referrer)},
      ${texts(sql, visits, ({ userAgent }) => userAgent)},
      ${texts(sql, visits, ({ address }) => address)},
      ${texts(sql, visits, ({ visitedUrl }) => visitedUrl)},
      ${texts(sql, visits, ({ redirectUrl }) => redirectUrl)},
      ${texts(sql, visits, ({ device }) => device)},
      ${texts(sql, visits, ({ browser }) => browser)},
      ${texts(sql, visits, ({ os }) => os)},
      ${texts(sql, visits, ({ location }) => location?.countryCode ?? '')},
      ${texts(sql, visits, ({ location }) => location?.countryName ?? '')},
      ${texts(sql, placed, ({ location }) => location?.regionName ?? '')},
      ${texts(sql, placed, ({ location }) => location?.cityName ?? '')},
      ${texts(sql, placed, ({ location }) => location?.timezone ?? '')},
      ${floats(sql, placed, ({ location }) => location?.latitude ?? '')},
      ${floats(sql, placed, ({ location }) => location?.longitude ?? '')}`;
}

/** Whether more than the country is known. */
function hasPlace({ location }: ClassifiedVisit): boolean {
  if (location === null) return false;
  const { regionName, cityName, timezone, latitude, longitude } = location;
  return regionName !== '' || cityName !== '' || timezone !== '' || latitude !== null || longitude !== null;
}

function addShortUrlTotals(sql: Sql, tallies: readonly Tally<ShortUrlKey>[]): Fragment {
  return sql`
    insert into short_url_visit_totals as t (domain_id, short_code, short_url_id, non_bots, bots)
    select domain_id, short_code, short_url_id, non_bots, bots
    from unnest(
      ${shortUrlKeys(sql, tallies)},
      ${bigints(sql, tallies, ({ nonBots }) => nonBots)},
      ${bigints(sql, tallies, ({ bots }) => bots)}
    ) as n (domain_id, short_code, short_url_id, non_bots, bots)
    where exists (select from claimed)
    on conflict (domain_id, short_code, short_url_id) do update
      set non_bots = t.non_bots + excluded.non_bots, bots = t.bots + excluded.bots`;
}

function addShortUrlDays(sql: Sql, tallies: readonly Tally<ShortUrlKey>[]): Fragment {
  const days = daysOf(tallies);
  return sql`
    insert into short_url_visits_daily as t (domain_id, short_code, short_url_id, day, non_bots, bots, counts)
    select domain_id, short_code, short_url_id, date '1970-01-01' + day, non_bots, bots, counts
    from unnest(${shortUrlKeys(sql, days)}, ${dayArrays(sql, days)})
      as n (domain_id, short_code, short_url_id, day, non_bots, bots, counts)
    where exists (select from claimed)
    on conflict (domain_id, short_code, short_url_id, day) do update set ${addDay(sql)}`;
}

function addScopeTotals(sql: Sql, tallies: readonly Tally<ScopeKey>[]): Fragment {
  return sql`
    insert into visit_totals as t (scope, scope_id, non_bots, bots)
    select scope, scope_id, non_bots, bots
    from unnest(
      ${scopeKeys(sql, tallies)},
      ${bigints(sql, tallies, ({ nonBots }) => nonBots)},
      ${bigints(sql, tallies, ({ bots }) => bots)}
    ) as n (scope, scope_id, non_bots, bots)
    where exists (select from claimed)
    on conflict (scope, scope_id) do update
      set non_bots = t.non_bots + excluded.non_bots, bots = t.bots + excluded.bots`;
}

function addScopeDays(sql: Sql, tallies: readonly Tally<ScopeKey>[]): Fragment {
  const days = daysOf(tallies);
  return sql`
    insert into visits_daily as t (scope, scope_id, day, non_bots, bots, counts)
    select scope, scope_id, date '1970-01-01' + day, non_bots, bots, counts
    from unnest(${scopeKeys(sql, days)}, ${dayArrays(sql, days)}) as n (scope, scope_id, day, non_bots, bots, counts)
    where exists (select from claimed)
    on conflict (scope, scope_id, day) do update set ${addDay(sql)}`;
}

/** Different values of one dimension that a day keeps; the rarest become `other`. */
const KEPT_VALUES = 100;
/** Below this many bytes `counts` are never summed up: that costs more than it saves. */
const COMPACT_ABOVE = 1_500;

/**
 * Appends the lines, and sums them up once they are twice as long as they were after the last time. How long that was
 * is written down by the batch after, so that the function has to be called once only.
 */
function addDay(sql: Sql): Fragment {
  const isDue = sql`t.compact_length > 0
    and octet_length(t.counts) + octet_length(excluded.counts) > greatest(2 * t.compact_length, ${COMPACT_ABOVE}::integer)`;
  return sql`
      non_bots = t.non_bots + excluded.non_bots, bots = t.bots + excluded.bots,
      counts = case when ${isDue} then compact_visit_counts(t.counts || excluded.counts, ${KEPT_VALUES}::integer)
        else t.counts || excluded.counts end,
      compact_length = case when ${isDue} then 0 when t.compact_length = 0 then octet_length(t.counts)
        else t.compact_length end`;
}

interface DayRow<Key> {
  readonly key: Key;
  readonly day: number;
  readonly nonBots: number;
  readonly bots: number;
  readonly lines: string;
}

function daysOf<Key>(tallies: readonly Tally<Key>[]): DayRow<Key>[] {
  return tallies.flatMap(({ key, days }) =>
    days
      .sort((a, b) => a.day - b.day)
      .map(({ day, nonBots, bots, traits }) => ({ key, day, nonBots, bots, lines: linesOf(traits) })),
  );
}

function dayArrays(sql: Sql, days: readonly DayRow<unknown>[]): Fragment {
  return sql`
    ${bigints(sql, days, ({ day }) => day)}::integer[],
    ${bigints(sql, days, ({ nonBots }) => nonBots)},
    ${bigints(sql, days, ({ bots }) => bots)},
    ${texts(sql, days, ({ lines }) => lines)}`;
}

function shortUrlKeys(sql: Sql, rows: readonly { readonly key: ShortUrlKey }[]): Fragment {
  return sql`
    ${bigints(sql, rows, ({ key }) => key.domainId)},
    ${texts(sql, rows, ({ key }) => key.shortCode)},
    ${bigints(sql, rows, ({ key }) => key.shortUrlId)}`;
}

function scopeKeys(sql: Sql, rows: readonly { readonly key: ScopeKey }[]): Fragment {
  return sql`
    ${texts(sql, rows, ({ key }) => key.scope)},
    ${bigints(sql, rows, ({ key }) => key.scopeId)}`;
}

type ValueOf<Row> = (row: Row) => string | number;

function texts<Row>(sql: Sql, rows: readonly Row[], value: ValueOf<Row>): Fragment {
  return sql`string_to_array(${column(rows, value)}, E'\\x1f', '')`;
}

function bigints<Row>(sql: Sql, rows: readonly Row[], value: ValueOf<Row>): Fragment {
  return sql`${texts(sql, rows, value)}::bigint[]`;
}

function floats<Row>(sql: Sql, rows: readonly Row[], value: ValueOf<Row>): Fragment {
  return sql`${texts(sql, rows, value)}::float8[]`;
}
