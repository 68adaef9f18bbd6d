import type { Database } from '../db/database.ts';
import type { DomainRow } from '../redirect/domains.ts';

/** The domain of this authority, made if there is none, and logged as a change of the domains. */
export async function upsertDomain(database: Database, authority: string): Promise<DomainRow> {
  const [row] = await database.run(
    'writes',
    (sql) => sql<DomainRow[]>`
      with upserted as (
        insert into domains (authority) values (${authority})
        on conflict (authority) do update set authority = excluded.authority
        returning *
      ), change as (
        insert into short_url_changes (domain_id) select domain_id from upserted
      )
      select
        domain_id as "domainId", authority, base_url_redirect as "baseUrl", regular_404_redirect as "regular404",
        invalid_short_url_redirect as "invalidShortUrl"
      from upserted`,
    { retry: true },
  );
  if (row === undefined) throw new Error('the domain was neither found nor made');
  return row;
}

export async function findDomainId(database: Database, authority: string): Promise<number | undefined> {
  const [row] = await database.run(
    'lookups',
    (sql) => sql<{ domainId: number }[]>`select domain_id as "domainId" from domains where authority = ${authority}`,
    { retry: true },
  );
  return row?.domainId;
}
