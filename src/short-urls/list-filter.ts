import type postgres from 'postgres';
import type { Sql } from '../db/pool.ts';
import { containing } from '../lib/like.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import type { FoundNames } from './list-names.ts';
import type { ListFilter } from './list-request.ts';
import { isRestricted, isVisible, type Visibility } from './visibility.ts';

/** Which short URLs are listed, with everything that the database calls by an id. */
export interface ListSelection {
  readonly filter: ListFilter;
  readonly names: FoundNames;
  /** What the API key may see. */
  readonly visibility: Visibility;
  /** Null: of a domain that does not exist. */
  readonly domainId: number | null | undefined;
  readonly isAuthorAsked: boolean;
  /** Whether the search term is in the default domain's name. */
  readonly isDefaultDomainSearched: boolean;
}

/** An sql fragment. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The conditions for a row `s`, as one. */
export function conditions(sql: Sql, selection: ListSelection): Fragment {
  const { filter, names, visibility, domainId, isAuthorAsked } = selection;
  const { startDate, endDate } = filter;
  const all = [
    isRestricted(visibility) && isVisible(sql, visibility),
    domainId !== undefined && sql`s.domain_id = ${domainId}`,
    isAuthorAsked && sql`s.author_api_key_id = ${names.authorId}`,
    startDate && sql`s.created_at >= ${startDate}`,
    endDate && sql`s.created_at <= ${endDate}`,
    filter.excludePastValidUntil && sql`(s.valid_until is null or s.valid_until >= now())`,
    filter.excludeMaxVisitsReached && sql`(s.max_visits is null or s.max_visits > ${redirectsServed(sql)})`,
    ...tagged(sql, selection),
    searched(sql, selection),
  ].filter((condition) => condition !== undefined && condition !== false);
  return all.reduce((left, right) => sql`${left} and ${right}`, sql`true`);
}

function redirectsServed(sql: Sql): Fragment {
  return sql`coalesce((
    select l.redirects from short_url_limits l
    where l.domain_id = s.domain_id and l.short_code = s.short_code and l.short_url_id = s.short_url_id
  ), 0)`;
}

function tagged(sql: Sql, { filter, names }: ListSelection): (Fragment | undefined)[] {
  const { tags, tagsMode, excludeTags, excludeTagsMode } = filter;
  return [
    tags.length === 0 ? undefined : hasTags(sql, names.tagIds, tagsMode === 'all' ? tags.length : 1),
    excludeTags.length === 0
      ? undefined
      : sql`not ${hasTags(sql, names.excludeTagIds, excludeTagsMode === 'all' ? excludeTags.length : 1)}`,
  ];
}

/** @param wanted of how many tags there must be: all of them or one; a tag that nothing has, has no id */
function hasTags(sql: Sql, ids: readonly number[], wanted: number): Fragment {
  if (ids.length < wanted) return sql`false`;
  if (wanted === 1) return hasTag(sql, ids);
  const each = ids.map((id) => hasTag(sql, [id])).reduce((left, right) => sql`${left} and ${right}`);
  return sql`(${each})`;
}

function hasTag(sql: Sql, ids: readonly number[]): Fragment {
  return sql`exists (
    select from short_url_tags st
    where st.domain_id = s.domain_id and st.short_code = s.short_code and st.tag_id in ${sql(ids)}
  )`;
}

/** The texts that a search looks at, as short_urls_by_text has them. */
function searchedText(sql: Sql): Fragment {
  return sql`(s.short_code || E'\n' || s.long_url || E'\n' || coalesce(s.title, '') collate "default")`;
}

function searched(sql: Sql, { filter, names, isDefaultDomainSearched }: ListSelection): Fragment | undefined {
  if (filter.searchTerm === undefined) return undefined;
  const domainIds = [...(isDefaultDomainSearched ? [DEFAULT_DOMAIN_ID] : []), ...names.searchedDomainIds];
  const pattern = containing(filter.searchTerm);
  const hasText = sql`${searchedText(sql)} ilike ${pattern}`;
  const isFound = domainIds.length === 0 ? hasText : sql`(${hasText} or s.domain_id in ${sql(domainIds)})`;
  return names.searchedTagIds.length === 0 ? isFound : orSearchedTag(sql, isFound, pattern, names);
}

/**
 * An `or` between two tables leaves no index to use, so the ids found either way are put together first; unless they
 * were so many that asking row by row finds enough of them sooner.
 */
function orSearchedTag(sql: Sql, isFound: Fragment, pattern: string, names: FoundNames): Fragment {
  if (names.areSearchedTagsCommon) return sql`(${isFound} or ${hasTagLike(sql, pattern)})`;
  return sql`s.short_url_id in (
    select s.short_url_id from short_urls s where ${isFound}
    union all
    select st.short_url_id from short_url_tags st where st.tag_id in ${sql(names.searchedTagIds)}
  )`;
}

/** By name: a row has few tags to look at, and each of a thousand ids would be looked up in the index of its tags. */
function hasTagLike(sql: Sql, pattern: string): Fragment {
  return sql`exists (
    select from short_url_tags st join tags t on t.tag_id = st.tag_id
    where st.domain_id = s.domain_id and st.short_code = s.short_code and t.name ilike ${pattern}
  )`;
}
