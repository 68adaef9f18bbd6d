import type { Database } from '../db/database.ts';
import type { Creation } from './fields.ts';
import type { ShortUrl } from './short-url.ts';
import { columns } from './store.ts';
import { isVisible, type Visibility } from './visibility.ts';

/**
 * `findIfExists`: the newest short URL of this domain with the same long URL, and with the same slug, dates, limit and
 * set of tags where these are given. By the index on the long URL's hash.
 */
export async function findExisting(
  database: Database,
  domainId: number,
  creation: Creation,
  visibility: Visibility,
): Promise<ShortUrl | undefined> {
  const { longUrl, customSlug, pathPrefix, validSince, validUntil, maxVisits, tags } = creation;
  const [row] = await database.run(
    'lookups',
    (sql) => sql<ShortUrl[]>`
      with wanted_tags as materialized (
        select name from json_array_elements_text(${JSON.stringify(tags)}::text::json) as w (name)
      )
      select ${columns(sql)} from short_urls s
      where hashtextextended(s.long_url, 0) = hashtextextended(${longUrl}, 0) and s.long_url = ${longUrl}
        and s.domain_id = ${domainId} and ${isVisible(sql, visibility)}
        and (${customSlug}::text is null or s.short_code = ${customSlug}::text)
        and starts_with(s.short_code, ${customSlug === null ? pathPrefix : ''})
        and (${validSince}::timestamptz is null or s.valid_since = ${validSince}::timestamptz)
        and (${validUntil}::timestamptz is null or s.valid_until = ${validUntil}::timestamptz)
        and (${maxVisits}::bigint is null or s.max_visits = ${maxVisits}::bigint)
        and (${tags.length === 0} or (
          select count(*) = count(w.name) and count(*) = ${tags.length}
          from short_url_tags st
          join tags t on t.tag_id = st.tag_id
          left join wanted_tags w on w.name = t.name
          where st.domain_id = s.domain_id and st.short_code = s.short_code
        ))
      order by s.short_url_id desc
      limit 1`,
    { retry: true },
  );
  return row;
}
