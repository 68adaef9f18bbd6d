import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import { answerClaims, holdClaims } from './idempotency-store.ts';
import { asCreated, type NewShortUrl, type ShortUrl, type ShortUrlKey, type ShortUrlPatch } from './short-url.ts';
import { isVisible, type Visibility } from './visibility.ts';

export interface InsertedRow {
  readonly createId: string;
  readonly shortUrlId: number;
  readonly createdAt: Date;
}

/**
 * Inserts a batch whose keys are all different; answers the rows that are ours. A row left out clashed with another
 * short URL. May be sent again after a lost answer: `create_id` tells our own rows from those of others.
 * Sorted by key, so that two batches cannot deadlock on each other's keys. A create is no change to any cache, but for
 * one: a domain's short URL hides the default domain's of the same code, which others may hold as that domain's answer.
 * Where a claim is given, the short URL and the claim's answer are written together, and only if the claim still holds.
 */
export function insertShortUrls(database: Database, batch: readonly NewShortUrl[]): Promise<InsertedRow[]> {
  const hasClaims = batch.some(({ claim }) => claim !== undefined);
  return database.run(
    'writes',
    (sql) => sql<InsertedRow[]>`
      with asked as materialized (
        select * from json_to_recordset(${JSON.stringify(batch.map(toRecord))}::text::json) as a (
          create_id uuid, domain_id bigint, short_code text, long_url text, title text, crawlable boolean,
          forward_query boolean, valid_since timestamptz, valid_until timestamptz, max_visits bigint,
          author_api_key_id bigint, tag_ids bigint[], idempotency_key text, item integer, answer jsonb
        )
      )${hasClaims ? sql`, ${holdClaims(sql)}` : sql``}, inserted as (
        insert into short_urls (
          create_id, domain_id, short_code, long_url, title, crawlable,
          forward_query, valid_since, valid_until, max_visits, author_api_key_id
        )
        select create_id, domain_id, short_code, long_url, title, crawlable,
          forward_query, valid_since, valid_until, max_visits, author_api_key_id
        from asked
        ${hasClaims ? sql`where idempotency_key is null or create_id in (select create_id from held)` : sql``}
        order by domain_id, short_code
        on conflict (domain_id, short_code) do update set create_id = excluded.create_id
          where short_urls.create_id = excluded.create_id
        returning create_id, domain_id, short_code, short_url_id, max_visits, created_at
      ), tagged as (
        insert into short_url_tags (domain_id, short_code, short_url_id, tag_id)
        select i.domain_id, i.short_code, i.short_url_id, t.tag_id
        from inserted i join asked a using (create_id) cross join unnest(a.tag_ids) as t (tag_id)
        order by i.domain_id, i.short_code, t.tag_id
        on conflict do nothing
      ), limited as (
        insert into short_url_limits (domain_id, short_code, short_url_id)
        select domain_id, short_code, short_url_id from inserted where max_visits is not null
        order by domain_id, short_code
        on conflict (domain_id, short_code) do nothing
      ), hiding as (
        insert into short_url_changes (domain_id, short_code)
        select i.domain_id, i.short_code from inserted i
        where i.domain_id <> 0
          and exists (select from short_urls d where d.domain_id = 0 and d.short_code = i.short_code)
      )${hasClaims ? sql`, ${answerClaims(sql)}` : sql``}
      select create_id as "createId", short_url_id as "shortUrlId", created_at as "createdAt" from inserted`,
    { retry: true },
  );
}

/** What an edit writes. */
export interface ShortUrlEdit extends ShortUrlPatch {
  /** Ids of all tags from then on. */
  readonly tagIds?: readonly number[] | undefined;
}

/**
 * Changes a short URL and logs the change, in one statement. Undefined when there is none of that key to be seen.
 * A limit set on a short URL that had none starts from the visits recorded so far, as they are shown with it.
 */
export async function updateShortUrl(
  database: Database,
  { domainId, shortCode }: ShortUrlKey,
  { tagIds, ...patch }: ShortUrlEdit,
  visibility: Visibility,
): Promise<ShortUrl | undefined> {
  const changes = toColumns(patch);
  const hasChanges = Object.keys(changes).length > 0;
  if (!hasChanges && tagIds === undefined) return findShortUrl(database, { domainId, shortCode }, visibility);
  const tagIdsJson = tagIds === undefined ? null : JSON.stringify(tagIds);
  const [row] = await database.run(
    'writes',
    (sql) => sql<ShortUrl[]>`
      with new_tags as materialized (
        select value::bigint as tag_id from json_array_elements_text(${tagIdsJson}::text::json)
      ), edited as (
        update short_urls s set ${hasChanges ? sql(changes) : sql`crawlable = crawlable`}
        where s.domain_id = ${domainId} and s.short_code = ${shortCode} and ${isVisible(sql, visibility)}
        returning *
      ), change as (
        insert into short_url_changes (domain_id, short_code) select domain_id, short_code from edited
      ), untagged as (
        delete from short_url_tags t using edited e
        where t.domain_id = e.domain_id and t.short_code = e.short_code and ${tagIdsJson}::text is not null
          and t.tag_id not in (select tag_id from new_tags)
      ), tagged as (
        insert into short_url_tags (domain_id, short_code, short_url_id, tag_id)
        select e.domain_id, e.short_code, e.short_url_id, t.tag_id from edited e cross join new_tags t
        order by t.tag_id
        on conflict do nothing
      ), unlimited as (
        delete from short_url_limits l using edited e
        where l.domain_id = e.domain_id and l.short_code = e.short_code and e.max_visits is null
      ), limited as (
        insert into short_url_limits (domain_id, short_code, short_url_id, redirects)
        select e.domain_id, e.short_code, e.short_url_id, coalesce(t.non_bots + t.bots, 0)
        from edited e left join short_url_visit_totals t
          on t.domain_id = e.domain_id and t.short_code = e.short_code and t.short_url_id = e.short_url_id
        where e.max_visits is not null
        on conflict (domain_id, short_code) do nothing
      )
      select ${columns(sql, tagIds && sql`new_tags join tags t using (tag_id)`)} from edited s`,
    { retry: true },
  );
  return row;
}

/** Moves a short URL to the deleted ones, which frees its slug, and logs the change. False when there is none. */
export async function deleteShortUrl(
  database: Database,
  { domainId, shortCode }: ShortUrlKey,
  visibility: Visibility,
): Promise<boolean> {
  const rows = await database.run(
    'writes',
    (sql) => sql`
      with deleted as (
        delete from short_urls s
        where s.domain_id = ${domainId} and s.short_code = ${shortCode} and ${isVisible(sql, visibility)}
        returning *
      ), kept as (
        insert into deleted_short_urls (
          domain_id, short_code, short_url_id, long_url, title, author_api_key_id, created_at
        )
        select domain_id, short_code, short_url_id, long_url, title, author_api_key_id, created_at from deleted
      ), unlimited as (
        delete from short_url_limits l using deleted d where l.domain_id = d.domain_id and l.short_code = d.short_code
      ), untagged as (
        delete from short_url_tags t using deleted d where t.domain_id = d.domain_id and t.short_code = d.short_code
      ), unruled as (
        delete from redirect_rules r using deleted d where r.domain_id = d.domain_id and r.short_code = d.short_code
      ), change as (
        insert into short_url_changes (domain_id, short_code) select domain_id, short_code from deleted
      )
      select from deleted`,
    { retry: false },
  );
  return rows.length > 0;
}

export async function findShortUrl(
  database: Database,
  { domainId, shortCode }: ShortUrlKey,
  visibility: Visibility,
): Promise<ShortUrl | undefined> {
  const [row] = await database.run(
    'lookups',
    (sql) => sql<ShortUrl[]>`
      select ${columns(sql)} from short_urls s
      where s.domain_id = ${domainId} and s.short_code = ${shortCode} and ${isVisible(sql, visibility)}`,
    { retry: true },
  );
  return row;
}

/** Whether there is one of exactly this key. */
export function isShortUrl(database: Database) {
  return async ({ domainId, shortCode }: ShortUrlKey): Promise<boolean> => {
    const rows = await database.run(
      'lookups',
      (sql) => sql`select from short_urls where domain_id = ${domainId} and short_code = ${shortCode}`,
      { retry: true },
    );
    return rows.length > 0;
  };
}

/** Tells the other processes that the change log has something new: a hint, they find it by themselves too. */
export async function notifyChange(database: Database): Promise<void> {
  await database.run('writes', (sql) => sql`select pg_notify('hop_changes', '')`, { retry: true });
}

/**
 * The members of a ShortUrl, of a row `s`.
 * @param ofTags where its tags `t` are in a statement that changes them, for it sees them as they were
 */
export function columns(sql: Sql, ofTags?: ReturnType<Sql>) {
  const ofStoredTags = sql`
    short_url_tags st join tags t on t.tag_id = st.tag_id
    where st.domain_id = s.domain_id and st.short_code = s.short_code`;
  return sql`
    s.short_url_id as "shortUrlId", s.domain_id as "domainId", s.short_code as "shortCode", s.long_url as "longUrl",
    s.title, s.crawlable, s.forward_query as "forwardQuery", s.valid_since as "validSince",
    s.valid_until as "validUntil", s.max_visits as "maxVisits", s.created_at as "createdAt",
    s.has_redirect_rules as "hasRedirectRules",
    (select d.authority from domains d where d.domain_id = s.domain_id) as domain,
    (
      select coalesce(json_agg(t.name order by t.name), '[]')
      from ${ofTags ?? ofStoredTags}
    ) as tags,
    coalesce((
      select json_build_object('nonBots', v.non_bots, 'bots', v.bots)
      from short_url_visit_totals v
      where v.domain_id = s.domain_id and v.short_code = s.short_code and v.short_url_id = s.short_url_id
    ), '{"nonBots": 0, "bots": 0}'::json) as visits`;
}

function toRecord(created: NewShortUrl) {
  return {
    create_id: created.createId,
    domain_id: created.domainId,
    short_code: created.shortCode,
    author_api_key_id: created.authorApiKeyId ?? null,
    long_url: created.longUrl,
    title: created.title ?? null,
    crawlable: created.crawlable ?? false,
    forward_query: created.forwardQuery ?? true,
    valid_since: created.validSince?.toISOString() ?? null,
    valid_until: created.validUntil?.toISOString() ?? null,
    max_visits: created.maxVisits ?? null,
    tag_ids: created.tagIds,
    idempotency_key: created.claim?.idempotencyKey,
    item: created.claim?.item,
    // The statement puts its id and date in.
    answer: created.claim && asCreated(created, { shortUrlId: 0, createdAt: new Date(0) }),
  };
}

/** The patch by column. */
function toColumns(patch: ShortUrlPatch) {
  const all = {
    long_url: patch.longUrl,
    title: patch.title,
    crawlable: patch.crawlable,
    forward_query: patch.forwardQuery,
    valid_since: patch.validSince,
    valid_until: patch.validUntil,
    max_visits: patch.maxVisits,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
