import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import { unprepared } from '../db/unprepared.ts';
import { containing } from '../lib/like.ts';
import { isRestricted, isVisible, type Visibility } from '../short-urls/visibility.ts';
import type { TagOrder } from './request.ts';
import type { Tag } from './store.ts';

/** Which tags are listed. A restricted key sees those on the short URLs that it sees, anybody else all there are. */
export interface TagSelection {
  readonly searchTerm: string | undefined;
  readonly visibility: Visibility;
}

export interface TagWindow {
  readonly limit: number;
  readonly offset: number;
}

export interface TagStats {
  readonly tag: string;
  readonly shortUrlsCount: number;
  /** Of the short URLs that have the tag now, whether or not they had it then. */
  readonly nonBots: number;
  readonly bots: number;
}

/** A page of the tags by name. */
export function listTags(
  database: Pick<Database, 'run'>,
  selection: TagSelection,
  direction: TagOrder['direction'],
  { limit, offset }: TagWindow,
): Promise<Tag[]> {
  return database.run(
    'reports',
    (sql) =>
      unprepared(sql<Tag[]>`
        select t.tag_id as "tagId", t.name from tags t where ${isSelected(sql, selection)}
        order by t.name ${direction === 'asc' ? sql`asc` : sql`desc`} limit ${limit} offset ${offset}`),
    { retry: true },
  );
}

export async function countTags(database: Pick<Database, 'run'>, selection: TagSelection): Promise<number> {
  const [row] = await database.run(
    'reports',
    (sql) =>
      unprepared(sql<{ count: number }[]>`select count(*) as count from tags t where ${isSelected(sql, selection)}`),
    { retry: true },
  );
  return row?.count ?? 0;
}

/** The statistics of these tags, in any order; those without short URLs are left out. */
export function statsOfTags(
  database: Pick<Database, 'run'>,
  tagIds: readonly number[],
  visibility: Visibility,
): Promise<(Omit<TagStats, 'tag'> & Pick<Tag, 'tagId'>)[]> {
  return database.run(
    'reports',
    (sql) =>
      unprepared(sql<(Omit<TagStats, 'tag'> & Pick<Tag, 'tagId'>)[]>`
        select tag_id as "tagId", short_urls as "shortUrlsCount", non_bots as "nonBots", bots
        from (${totals(sql, visibility, sql`st.tag_id = any(string_to_array(${tagIds.join()}, ',')::bigint[])`)}) c`),
    { retry: true },
  );
}

/** A page of the statistics in an order for which those of all tags are needed. */
export function rankTags(
  database: Pick<Database, 'run'>,
  selection: TagSelection,
  order: TagOrder,
  { limit, offset }: TagWindow,
): Promise<TagStats[]> {
  return database.run(
    'reports',
    (sql) =>
      unprepared(sql<TagStats[]>`
        select t.name as tag, coalesce(c.short_urls, 0) as "shortUrlsCount",
          coalesce(c.non_bots, 0) as "nonBots", coalesce(c.bots, 0) as bots
        from tags t left join (${totals(sql, selection.visibility, sql`true`)}) c using (tag_id)
        where ${isSelected(sql, selection)}
        order by ${orderKey(sql, order)} ${order.direction === 'asc' ? sql`asc` : sql`desc`}, t.name
        limit ${limit} offset ${offset}`),
    { retry: true },
  );
}

function orderKey(sql: Sql, { field }: TagOrder) {
  if (field === 'tag') return sql`t.name`;
  if (field === 'shortUrlsCount') return sql`coalesce(c.short_urls, 0)`;
  return field === 'visits' ? sql`coalesce(c.non_bots + c.bots, 0)` : sql`coalesce(c.non_bots, 0)`;
}

/** Condition for a row `t` of tags. */
function isSelected(sql: Sql, { searchTerm, visibility }: TagSelection) {
  const isFound = searchTerm === undefined ? sql`true` : sql`t.name ilike ${containing(searchTerm)}`;
  if (!isRestricted(visibility)) return isFound;
  return sql`
    ${isFound} and t.tag_id in (
      select st.tag_id from short_urls s
      join short_url_tags st on st.domain_id = s.domain_id and st.short_code = s.short_code
      where ${isVisible(sql, visibility)}
    )`;
}

/** The totals of each tag `st` that fits. */
function totals(sql: Sql, visibility: Visibility, fits: ReturnType<Sql>) {
  const isSeen = isRestricted(visibility)
    ? sql`
        join short_urls s on s.domain_id = st.domain_id and s.short_code = st.short_code
          and ${isVisible(sql, visibility)}`
    : sql``;
  return sql`
    select st.tag_id, count(*) as short_urls, coalesce(sum(v.non_bots), 0)::bigint as non_bots,
      coalesce(sum(v.bots), 0)::bigint as bots
    from short_url_tags st
    ${isSeen}
    left join short_url_visit_totals v
      on v.domain_id = st.domain_id and v.short_code = st.short_code and v.short_url_id = st.short_url_id
    where ${fits}
    group by st.tag_id`;
}
