import type { Database } from '../db/database.ts';
import type { DomainRow } from '../redirect/domains.ts';
import { isVisible, type Visibility } from '../short-urls/visibility.ts';
import type { RedirectChanges } from './request.ts';

/**
 * The default domain, and of the others those that are in use or have redirects, alphabetically. An author's key sees
 * those of its own short URLs, a domain's key its domain. Whether a domain is in use is asked in the order of the key,
 * which only an index has: asked by `exists`, PostgreSQL expects one of a few domains among the first rows, and reads all
 * short URLs for a domain that has none.
 */
export function listDomains(database: Pick<Database, 'run'>, visibility: Visibility): Promise<DomainRow[]> {
  const { authorApiKeyId, domainId } = visibility;
  return database.run(
    'reports',
    (sql) => {
      const isUsed =
        authorApiKeyId === undefined
          ? sql`
              coalesce(base_url_redirect, regular_404_redirect, invalid_short_url_redirect) is not null
              or (
                select s.domain_id from short_urls s where s.domain_id >= d.domain_id
                order by s.domain_id, s.short_code limit 1
              ) = d.domain_id`
          : sql`d.domain_id in (select s.domain_id from short_urls s where ${isVisible(sql, visibility)})`;
      const isListed = domainId === undefined ? sql`d.domain_id = 0 or ${isUsed}` : sql`d.domain_id = ${domainId}`;
      return sql<DomainRow[]>`
        select
          domain_id as "domainId", authority, base_url_redirect as "baseUrl", regular_404_redirect as "regular404",
          invalid_short_url_redirect as "invalidShortUrl"
        from domains d where ${isListed}
        order by d.domain_id <> 0, authority`;
    },
    { retry: true },
  );
}

/** Sets redirects of a domain and logs the change. The domain is made if there is none; null is the default one. */
export async function setRedirects(
  database: Database,
  authority: string | null,
  changes: RedirectChanges,
): Promise<DomainRow> {
  const { baseUrl, regular404, invalidShortUrl } = changes;
  const [row] = await database.run(
    'writes',
    (sql) => {
      const redirects = sql`
        base_url_redirect = ${baseUrl === undefined ? sql`d.base_url_redirect` : baseUrl},
        regular_404_redirect = ${regular404 === undefined ? sql`d.regular_404_redirect` : regular404},
        invalid_short_url_redirect =
          ${invalidShortUrl === undefined ? sql`d.invalid_short_url_redirect` : invalidShortUrl}`;
      const written =
        authority === null
          ? sql`update domains d set ${redirects} where domain_id = 0 returning d.*`
          : sql`
              insert into domains as d (authority, base_url_redirect, regular_404_redirect, invalid_short_url_redirect)
              values (${authority}, ${baseUrl ?? null}, ${regular404 ?? null}, ${invalidShortUrl ?? null})
              on conflict (authority) do update set ${redirects}
              returning *`;
      return sql<DomainRow[]>`
        with written as (${written}), change as (
          insert into short_url_changes (domain_id) select domain_id from written
        )
        select
          domain_id as "domainId", authority, base_url_redirect as "baseUrl", regular_404_redirect as "regular404",
          invalid_short_url_redirect as "invalidShortUrl"
        from written`;
    },
    { retry: true },
  );
  if (row === undefined) throw new Error('the domain was neither found nor made');
  return row;
}
