import type { Database } from '../db/database.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';

/**
 * The next short codes of a domain that may be crawled, after the given one, in the order of the index that holds just
 * those. A code of the default domain is answered on every domain that has no own short URL of that name.
 * @param asDomainId under which domain they are asked for
 */
export async function crawlableCodes(
  database: Pick<Database, 'run'>,
  { domainId, asDomainId }: { readonly domainId: number; readonly asDomainId: number },
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await database.run(
    'reports',
    (sql) => sql<{ shortCode: string }[]>`
      select s.short_code as "shortCode" from short_urls s
      where s.crawlable and s.domain_id = ${domainId} and s.short_code > ${after}
        ${
          asDomainId === DEFAULT_DOMAIN_ID || asDomainId === domainId
            ? sql``
            : sql`and not exists (
                select from short_urls o where o.domain_id = ${asDomainId} and o.short_code = s.short_code
              )`
        }
      order by s.short_code limit ${limit}`,
    { retry: true },
  );
  return rows.map(({ shortCode }) => shortCode);
}
