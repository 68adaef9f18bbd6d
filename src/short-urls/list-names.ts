import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import { containing } from '../lib/like.ts';
import type { ListFilter } from './list-request.ts';

/** The ids behind the names in a filter. */
export interface FoundNames {
  readonly tagIds: readonly number[];
  readonly excludeTagIds: readonly number[];
  /** Null: there is no API key of that name, or none was asked for. */
  readonly authorId: number | null;
  /** Tags and domains in whose names the search term is. */
  readonly searchedTagIds: readonly number[];
  readonly searchedDomainIds: readonly number[];
  /** Whether those tags are on more short URLs than are counted exactly. */
  readonly areSearchedTagsCommon: boolean;
}

/** A search looks at the names of at most so many tags that have the term in them. */
const MAX_SEARCHED_TAGS = 1_000;
/** From so many short URLs on, reading all in order finds a page of those with a searched tag soon. */
const COMMON = 100_000;

const NOTHING: FoundNames = {
  tagIds: [],
  excludeTagIds: [],
  authorId: null,
  searchedTagIds: [],
  searchedDomainIds: [],
  areSearchedTagsCommon: false,
};

/**
 * Looks names up before the list itself is read: with ids in its conditions, PostgreSQL knows from its statistics how
 * many rows they leave, and so which index serves best.
 */
export async function findNames(database: Pick<Database, 'run'>, filter: ListFilter): Promise<FoundNames> {
  const { searchTerm, tags, excludeTags, apiKeyName = null } = filter;
  const needsNone = searchTerm === undefined && apiKeyName === null && tags.length + excludeTags.length === 0;
  if (needsNone) return NOTHING;
  const pattern = searchTerm === undefined ? null : containing(searchTerm);
  const [found] = await database.run(
    'reports',
    (sql) => sql<FoundNames[]>`
      with searched as materialized (
        select tag_id from tags where name ilike ${pattern}::text limit ${MAX_SEARCHED_TAGS}
      )
      select
        ${idsOfTags(sql, tags)} as "tagIds",
        ${idsOfTags(sql, excludeTags)} as "excludeTagIds",
        (select api_key_id from api_keys where name = ${apiKeyName}::text) as "authorId",
        (select coalesce(json_agg(tag_id), '[]') from searched) as "searchedTagIds",
        exists (
          select from short_url_tags where tag_id in (select tag_id from searched) offset ${COMMON}
        ) as "areSearchedTagsCommon",
        (
          select coalesce(json_agg(domain_id), '[]') from domains where authority ilike ${pattern}::text
        ) as "searchedDomainIds"`,
    { retry: true },
  );
  return found ?? NOTHING;
}

function idsOfTags(sql: Sql, names: readonly string[]) {
  return sql`(
    select coalesce(json_agg(tag_id), '[]') from tags
    where name in (select json_array_elements_text(${JSON.stringify(names)}::text::json))
  )`;
}
