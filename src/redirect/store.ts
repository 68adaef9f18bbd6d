import type { Database } from '../db/database.ts';
import type { DomainRow } from './domains.ts';
import type { ShortUrlRow } from './link.ts';

/** Separates the values of a list sent as one text; in no slug. Cheaper for driver and server than an array. */
const SEPARATOR = '\x1f';

/** The lookup of the hot path: any number of codes by one prepared statement. */
export function findShortUrls(database: Database) {
  return (domainIds: readonly number[], shortCodes: readonly string[]): Promise<ShortUrlRow[]> =>
    database.run(
      'lookups',
      (sql) => sql<ShortUrlRow[]>`
        select
          s.domain_id as "domainId", s.short_code as "shortCode", s.short_url_id as "shortUrlId",
          s.long_url as "longUrl", s.forward_query as "forwardQuery",
          (extract(epoch from s.valid_since) * 1000)::float8 as "validSinceMs",
          (extract(epoch from s.valid_until) * 1000)::float8 as "validUntilMs",
          s.max_visits as "maxVisits",
          case when s.has_redirect_rules then (
            select json_agg(json_build_object('longUrl', r.long_url, 'conditions', r.conditions) order by r.priority)
            from redirect_rules r
            where r.domain_id = s.domain_id and r.short_code = s.short_code and r.short_url_id = s.short_url_id
          ) end as rules
        from unnest(
          string_to_array(${domainIds.join(SEPARATOR)}, ${SEPARATOR})::bigint[],
          string_to_array(${shortCodes.join(SEPARATOR)}, ${SEPARATOR})
        ) as asked (domain_id, short_code)
        join short_urls s on s.domain_id = asked.domain_id and s.short_code = asked.short_code`,
      { retry: true },
    );
}

/** Every domain; a few, or a few thousand. */
export function findDomains(database: Database): Promise<DomainRow[]> {
  return database.run(
    'lookups',
    (sql) => sql<DomainRow[]>`
      select
        domain_id as "domainId", authority, base_url_redirect as "baseUrl", regular_404_redirect as "regular404",
        invalid_short_url_redirect as "invalidShortUrl"
      from domains`,
    { retry: true },
  );
}

/** A visit slot asked for: `wanted` redirects of one limited short URL. */
export interface LimitRequest {
  readonly domainId: number;
  readonly shortCode: string;
  readonly shortUrlId: number;
  readonly wanted: number;
}

/** How many of the wanted redirects were granted, for each short URL that has a limit. */
export interface LimitGrant {
  readonly shortUrlId: number;
  readonly granted: number;
}

/**
 * Takes redirects from the limits of short URLs, atomically, up to what is left. Never retried: after an ambiguous
 * error they may have been taken. Sorted by key, so that two of these cannot deadlock.
 */
export function takeRedirects(database: Database) {
  return (requests: readonly LimitRequest[]): Promise<LimitGrant[]> =>
    database.run(
      'writes',
      (sql) => sql<LimitGrant[]>`
        with asked as materialized (
          select * from json_to_recordset(${JSON.stringify(requests)}::text::json)
            as a ("domainId" bigint, "shortCode" text, "shortUrlId" bigint, wanted bigint)
        ), held as materialized (
          select l.domain_id, l.short_code, l.redirects, s.short_url_id,
            least(a.wanted, greatest(0, s.max_visits - l.redirects)) as granted
          from short_url_limits l
          join asked a on a."domainId" = l.domain_id and a."shortCode" = l.short_code and a."shortUrlId" = l.short_url_id
          join short_urls s
            on s.domain_id = l.domain_id and s.short_code = l.short_code and s.short_url_id = l.short_url_id
          order by l.domain_id, l.short_code
          for update of l
        ), taken as (
          update short_url_limits l set redirects = l.redirects + h.granted
          from held h
          where l.domain_id = h.domain_id and l.short_code = h.short_code and h.granted > 0
        )
        select short_url_id as "shortUrlId", granted from held`,
      { retry: false },
    );
}

/** Whether a limited short URL has redirects left; takes none. Undefined when it has no limit (any more). */
export function hasRedirectsLeft(database: Database) {
  return async ({ domainId, shortCode, shortUrlId }: Omit<LimitRequest, 'wanted'>): Promise<boolean | undefined> => {
    const [row] = await database.run(
      'lookups',
      (sql) => sql<{ hasLeft: boolean }[]>`
        select l.redirects < s.max_visits as "hasLeft" from short_urls s
        join short_url_limits l using (domain_id, short_code, short_url_id)
        where s.domain_id = ${domainId} and s.short_code = ${shortCode} and s.short_url_id = ${shortUrlId}`,
      { retry: true },
    );
    return row?.hasLeft;
  };
}

/** What the change log said at one moment. */
export interface ChangePage {
  /** The database's clock at the reading, in milliseconds. */
  readonly readAtMs: number;
  /** When this server was started: another value means another server, or the same one after a crash. */
  readonly serverStartedAtMs: number;
  /** The highest number in the log, 0 when it is empty. */
  readonly lastSeq: number;
  readonly changes: readonly ShortUrlChange[];
}

export interface ShortUrlChange {
  readonly seq: number;
  readonly domainId: number;
  /** null: a domain changed. */
  readonly shortCode: string | null;
}

/** The changes that became visible since `sinceMs` of the database's clock; all of the present for null: none of it. */
export async function readChanges(database: Database, sinceMs: number | null): Promise<ChangePage> {
  const rows = await database.run(
    'lookups',
    (sql) => sql<(Omit<ChangePage, 'changes'> & { changes: ShortUrlChange[] | null })[]>`
      select
        (extract(epoch from clock_timestamp()) * 1000)::float8 as "readAtMs",
        (extract(epoch from pg_postmaster_start_time()) * 1000)::float8 as "serverStartedAtMs",
        coalesce((select max(seq) from short_url_changes), 0) as "lastSeq",
        (
          select json_agg(json_build_object('seq', seq, 'domainId', domain_id, 'shortCode', short_code) order by seq)
          from short_url_changes
          where changed_at >= to_timestamp(${sinceMs}::float8 / 1000)
        ) as changes`,
    { retry: true },
  );
  const [page] = rows;
  if (page === undefined) throw new Error('the change log answered no row');
  return { ...page, changes: page.changes ?? [] };
}

/** Forgets changes that every process has long seen. */
export async function trimChanges(database: Database, olderThanMs: number): Promise<void> {
  await database.run(
    'writes',
    (sql) => sql`
      delete from short_url_changes where changed_at < now() - make_interval(secs => ${olderThanMs / 1000}::float8)`,
    { retry: true },
  );
}
