import type postgres from 'postgres';

/**
 * Fills a database with `count` short URLs as a large installation has them, made by the server itself: 6 in 7 on the
 * default domain and the others on five more, 3 in 5 with a title, 2 in 5 with a tag (`tag1` on every second of these,
 * `tag2` on every third, …), half of them visited, some limited, expired, or made with one of three API keys.
 */
export async function insertListRows(sql: postgres.Sql, count: number): Promise<void> {
  await sql`insert into domains (authority) select 'd' || i || '.example' from generate_series(1, 5) i`;
  await sql`
    insert into api_keys (key_hash, name) select sha256(('key' || i)::bytea), 'key' || i from generate_series(1, 3) i`;
  await sql`insert into tags (name) select 'tag' || i from generate_series(1, 1000) i`;
  await withoutTextIndex(sql, () => insertShortUrls(sql, count));
  await insertTags(sql);
  await insertVisits(sql);
  await sql`vacuum (analyze) short_urls, short_url_tags, short_url_visit_totals, short_url_limits, tags, domains`;
}

/** Making the index of trigrams from a million rows takes a fifth of the time that adding them one by one does. */
async function withoutTextIndex(sql: postgres.Sql, insert: () => PromiseLike<unknown>): Promise<void> {
  const [index] = await sql<{ definition: string }[]>`
    select pg_get_indexdef('short_urls_by_text'::regclass) as definition`;
  await sql`drop index short_urls_by_text`;
  await insert();
  await sql.unsafe(index?.definition ?? '');
}

/** `i × 48,432,000,017` modulo 36^7 visits every number once and jumps by 0.62 of the range. */
function insertShortUrls(sql: postgres.Sql, count: number) {
  return sql`
    insert into short_urls (
      domain_id, short_code, create_id, long_url, title, created_at, valid_until, max_visits, author_api_key_id
    )
    select case when i % 7 = 0 then 1 + i / 7 % 5 else 0 end,
      lpad(to_hex(i * 48432000017 % 78364164096), 10, '0'), gen_random_uuid(),
      'https://' || (array['www.example.com', 'blog.example.org', 'shop.example.net'])[1 + i % 3] || '/articles/'
        || to_char(created_at, 'YYYY/MM') || '/' || left(md5(i::text), (12 + i % 16)::integer) || '-' || i
        || case when i % 3 = 0 then '?utm_source=newsletter' else '' end,
      case when i % 5 < 3 then initcap(translate(left(md5('title' || i), 24), '0123456789', 'ghij klmno')) end,
      created_at,
      case when i % 20 = 0 then created_at + interval '90 days' end,
      case when i % 50 = 0 then 5 end,
      case when i % 10 < 4 then 1 + i % 10 % 3 end
    from generate_series(1, ${count}::bigint) i,
      lateral (select timestamptz '2026-01-01' + i * interval '20 s' created_at) a`;
}

async function insertTags(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into short_url_tags (domain_id, short_code, short_url_id, tag_id)
    select s.domain_id, s.short_code, s.short_url_id, t.tag_id
    from short_urls s
      join lateral (values (1 + (random() * random() * random() * 999)::integer), (1 + (s.short_url_id % 1000)::integer))
        n (tag) on true
      join tags t on t.name = 'tag' || n.tag
    where s.short_url_id % 5 < 2
    on conflict do nothing`;
}

async function insertVisits(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
    select domain_id, short_code, short_url_id, (1 / (0.0001 + random()))::bigint, (random() * 10)::bigint
    from short_urls where short_url_id % 2 = 0`;
  await sql`
    insert into short_url_limits (domain_id, short_code, short_url_id, redirects)
    select domain_id, short_code, short_url_id, (random() * 8)::bigint from short_urls where max_visits is not null`;
}
