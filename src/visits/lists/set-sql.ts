import type postgres from 'postgres';
import type { Sql } from '../../db/pool.ts';
import { isVisible } from '../../short-urls/visibility.ts';
import type { TimeRange, VisitFilter } from './list-request.ts';
import type { OneShortUrl, OrphanChoice, ShortUrlChoice, VisitSet } from './visit-set.ts';

/** An sql fragment. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Rows, and which of them are meant. */
export interface Rows {
  readonly from: Fragment;
  readonly where: Fragment;
}

/** The raw visits `v` of a set. */
export function visitsOf(sql: Sql, set: VisitSet): Rows {
  const from = sql`visits v`;
  switch (set.of) {
    case 'short-url':
      return { from, where: isOfShortUrl(sql, set, sql`v`) };
    case 'all':
      return { from, where: sql`true` };
    case 'domain':
      return { from, where: sql`v.domain_id = ${set.domainId}::bigint` };
    case 'tag':
      throw new TypeError('which visits had a tag at the time is known to the rollups only');
    case 'some':
      return { from, where: isOfOneOf(sql, set) };
    case 'orphans':
      return { from: sql`orphan_visits v`, where: isOrphan(sql, set) };
    case 'none':
      return { from, where: sql`false` };
  }
}

/** What of the raw visits `v` a filter leaves. */
export function isWanted(sql: Sql, { range, excludeBots }: VisitFilter): Fragment {
  const inRange = isWithin(sql, range, sql`v.visited_at`);
  return excludeBots ? sql`${inRange} and not v.is_bot` : inRange;
}

export function isWithin(sql: Sql, { from, to }: TimeRange, time: Fragment): Fragment {
  const isLate = from === null ? sql`true` : sql`${time} >= ${from}`;
  return to === null ? isLate : sql`${isLate} and ${time} < ${to}`;
}

/** The days `d` (UTC) in which visits of a set are counted; undefined where no rollup tells. */
export function daysOf(sql: Sql, set: VisitSet): Rows | undefined {
  switch (set.of) {
    case 'short-url':
      return { from: sql`short_url_visits_daily d`, where: isOfShortUrl(sql, set, sql`d`) };
    case 'all':
      return daysOfScope(sql, 'all', 0);
    case 'domain':
      return daysOfScope(sql, 'domain', set.domainId);
    case 'tag':
      return daysOfScope(sql, 'tag', set.tagId);
    case 'some':
      return daysOfChosen(sql, set);
    case 'orphans':
      return set.kind === undefined && set.site === undefined ? daysOfScope(sql, 'orphan', 0) : undefined;
    case 'none':
      return { from: sql`visits_daily d`, where: sql`false` };
  }
}

/** The short URLs `s` of a choice. */
export function chosenShortUrls(sql: Sql, { tagId, domainId, visibility }: ShortUrlChoice): Rows {
  const isOfDomain = domainId === undefined ? sql`true` : sql`s.domain_id = ${domainId}::bigint`;
  if (tagId === undefined)
    return { from: sql`short_urls s`, where: sql`${isOfDomain} and ${isVisible(sql, visibility)}` };
  return {
    from: sql`short_url_tags st
      join short_urls s on s.domain_id = st.domain_id and s.short_code = st.short_code
        and ${isVisible(sql, visibility)}`,
    where: sql`st.tag_id = ${tagId}::bigint and ${isOfDomain}`,
  };
}

function daysOfScope(sql: Sql, scope: string, scopeId: number): Rows {
  return { from: sql`visits_daily d`, where: sql`d.scope = ${scope} and d.scope_id = ${scopeId}::bigint` };
}

function daysOfChosen(sql: Sql, choice: ShortUrlChoice): Rows {
  const { from, where } = chosenShortUrls(sql, choice);
  const isOfRow = sql`d.domain_id = s.domain_id and d.short_code = s.short_code and d.short_url_id = s.short_url_id`;
  return { from: sql`${from} join short_url_visits_daily d on ${isOfRow}`, where };
}

function isOfShortUrl(sql: Sql, { domainId, shortCode, shortUrlId }: OneShortUrl, row: Fragment): Fragment {
  return sql`
    ${row}.domain_id = ${domainId}::bigint and ${row}.short_code = ${shortCode}
    and ${row}.short_url_id = ${shortUrlId}::bigint`;
}

/** Asked of each visit by itself (that is what the limit is for): a join would be free to give up their order. */
function isOfOneOf(sql: Sql, choice: ShortUrlChoice): Fragment {
  const { from, where } = chosenShortUrls(sql, choice);
  return sql`coalesce((
    select true from ${from}
    where s.domain_id = v.domain_id and s.short_code = v.short_code and s.short_url_id = v.short_url_id and ${where}
    limit 1
  ), false)`;
}

function isOrphan(sql: Sql, { kind, site }: OrphanChoice): Fragment {
  const isOfKind = kind === undefined ? sql`true` : sql`v.kind = ${kind}`;
  if (site === undefined) return isOfKind;
  return sql`${isOfKind} and v.domain_id = ${site.domainId}::bigint
    and lower(substring(v.visited_url from '^[a-z]+://([^/?#]*)')) = ${site.authority}`;
}
