import type { Database } from '../db/database.ts';
import { column } from './columns.ts';
import type { ShortUrlKey, Tally } from './tally.ts';

interface TaggedRow {
  readonly shortUrlId: number;
  readonly tagId: number;
}

/** The ids of the tags that these short URLs have at the moment, by short URL id; those without tags are left out. */
export async function findTagIds(
  database: Database,
  shortUrls: readonly Tally<ShortUrlKey>[],
): Promise<Map<number, number[]>> {
  if (shortUrls.length === 0) return new Map();
  const rows = await database.run(
    'writes',
    (sql) => sql<TaggedRow[]>`
      select asked.short_url_id as "shortUrlId", t.tag_id as "tagId"
      from unnest(
        string_to_array(${column(shortUrls, ({ key }) => key.domainId)}, E'\\x1f')::bigint[],
        string_to_array(${column(shortUrls, ({ key }) => key.shortCode)}, E'\\x1f'),
        string_to_array(${column(shortUrls, ({ key }) => key.shortUrlId)}, E'\\x1f')::bigint[]
      ) as asked (domain_id, short_code, short_url_id)
      join short_url_tags t
        on t.domain_id = asked.domain_id and t.short_code = asked.short_code and t.short_url_id = asked.short_url_id`,
    { retry: true },
  );
  const tagIds = new Map<number, number[]>();
  for (const { shortUrlId, tagId } of rows) {
    const known = tagIds.get(shortUrlId);
    if (known === undefined) tagIds.set(shortUrlId, [tagId]);
    else known.push(tagId);
  }
  return tagIds;
}
