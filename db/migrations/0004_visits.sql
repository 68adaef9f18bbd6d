-- hop:requires 0.1.0
-- Visits as the recorder stores them, batch by batch: how far each journal has been read, the visits themselves, and
-- what is counted of them. Everything of one batch is written by one statement, or not at all.

-- How far the journal of each process that ever recorded visits has been stored. The only checkpoint there is; a row
-- removed would have its journal, if that is still somewhere, stored a second time.
create table journals (
  journal_id uuid primary key,
  last_seq bigint not null default 0,
  -- visits that the process had no room to journal
  dropped bigint not null default 0,
  dropped_orphans bigint not null default 0,
  updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Sequences that were lost: damaged, or gone when they had to be sent again.
create table journal_gaps (
  journal_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  found_at timestamptz not null default clock_timestamp(),
  primary key (journal_id, first_seq)
);

-- Visits that the database refused, each with the refusal.
create table rejected_visits (
  journal_id uuid not null,
  sequence bigint not null,
  position integer not null,
  record text not null,
  reason text not null,
  rejected_at timestamptz not null default clock_timestamp(),
  primary key (journal_id, sequence, position)
);

-- Not in order of time across sessions: it only tells visits of the same millisecond apart.
create sequence visit_ids cache 1000;

-- Raw visits of short URLs, also of deleted ones. Texts that are unknown, not tracked or empty are null: most visits
-- have no place but a country, and a null takes no room. Partitions are months, made ahead by the recorder; the default
-- one takes whatever is left, so that no visit is ever refused for its time. Columns of eight bytes come first, which
-- saves their padding.
create table visits (
  domain_id bigint not null,
  short_url_id bigint not null,
  visited_at timestamptz not null,
  visit_id bigint not null default nextval('visit_ids'),
  latitude float8,
  longitude float8,
  is_bot boolean not null,
  short_code text collate "C" not null,
  referrer text,
  user_agent text,
  remote_address text,
  visited_url text,
  redirect_url text,
  device text,
  browser text,
  os text,
  -- ISO 3166-1 alpha-2
  country_code text,
  country_name text,
  region_name text,
  city_name text,
  timezone text,
  -- read backwards, the list of one short URL
  primary key (domain_id, short_code, short_url_id, visited_at, visit_id)
) partition by range (visited_at);

create table visits_default partition of visits default;

-- The lists of all and of a domain, read backwards; the default domain's is taken from that of all.
create index visits_by_time on visits (visited_at, visit_id);
create index visits_by_domain on visits (domain_id, visited_at, visit_id) where domain_id <> 0;

-- Visits that met no short URL: base_url, invalid_short_url, regular_404.
create table orphan_visits (
  domain_id bigint not null,
  visited_at timestamptz not null,
  visit_id bigint not null default nextval('visit_ids'),
  latitude float8,
  longitude float8,
  is_bot boolean not null,
  kind text collate "C" not null,
  referrer text,
  user_agent text,
  remote_address text,
  visited_url text,
  redirect_url text,
  device text,
  browser text,
  os text,
  country_code text,
  country_name text,
  region_name text,
  city_name text,
  timezone text,
  primary key (domain_id, visited_at, visit_id),
  constraint orphan_visits_kind check (kind in ('base_url', 'invalid_short_url', 'regular_404'))
) partition by range (visited_at);

create table orphan_visits_default partition of orphan_visits default;

create index orphan_visits_by_time on orphan_visits (visited_at, visit_id);
-- The rarest kind is what people look for among a flood of the others.
create index orphan_visits_by_kind on orphan_visits (kind, visited_at, visit_id);

-- What is counted of the visits of a short URL on a day (UTC): how many, and in `counts` how many by hour and by where
-- and with what they came. `counts` is read by visit_counts() only. It is a text to which each batch appends its lines,
-- and which is summed up when it has grown to twice its size: adding to a jsonb takes the server 38 µs a row, a
-- function that replaces member by member 52, appending 12. An hourly table apart would be a second row to write for
-- most visits.
create table short_url_visits_daily (
  domain_id bigint not null,
  short_url_id bigint not null,
  non_bots bigint not null,
  bots bigint not null,
  day date not null,
  -- bytes of `counts` when it was last summed up; 0 until the next batch finds out
  compact_length integer not null default 0,
  short_code text collate "C" not null,
  counts text not null,
  primary key (domain_id, short_code, short_url_id, day)
) with (fillfactor = 80);

-- The same for all short URLs (scope all, id 0), those of a domain, those that had a tag when the visit was stored
-- (domain, tag), and orphan visits (orphan, id 0; counted by kind too).
create table visit_totals (
  scope text collate "C" not null,
  scope_id bigint not null,
  non_bots bigint not null default 0,
  bots bigint not null default 0,
  primary key (scope, scope_id),
  constraint visit_totals_scope check (scope in ('all', 'domain', 'tag', 'orphan'))
) with (fillfactor = 50);

create table visits_daily (
  scope_id bigint not null,
  non_bots bigint not null,
  bots bigint not null,
  day date not null,
  compact_length integer not null default 0,
  scope text collate "C" not null,
  counts text not null,
  primary key (scope, scope_id, day)
) with (fillfactor = 50);

-- The lines of `counts`, each a dimension, a value, and two numbers, separated by tabs. A value may stand on several
-- lines: sum them up. Dimensions: hour (0 to 23, UTC), country (ISO 3166-1 alpha-2), browser, os, device, referrer
-- (host), kind (of orphan visits). The empty value is unknown or none; `other` is all that became too many. Lines of
-- visits that were deleted have negative numbers.
create function visit_counts(counts text)
returns table (dimension text, value text, non_bots bigint, bots bigint)
language sql immutable parallel safe rows 50
as $$
  select
    case split_part(line, E'\t', 1)
      when 'h' then 'hour' when 'c' then 'country' when 'b' then 'browser' when 'o' then 'os' when 'd' then 'device'
      when 'r' then 'referrer' when 'k' then 'kind' end,
    split_part(line, E'\t', 2), split_part(line, E'\t', 3)::bigint, split_part(line, E'\t', 4)::bigint
  from string_to_table(counts, E'\n') as line
  where line <> ''
$$;

-- `counts` with one line for each value; of a dimension with more than `keep` values, the rarest become `other`.
create function compact_visit_counts(counts text, keep integer)
returns text
language sql immutable parallel safe
as $$
  with summed as (
    select split_part(line, E'\t', 1) as dimension, split_part(line, E'\t', 2) as value,
      sum(split_part(line, E'\t', 3)::bigint) as non_bots, sum(split_part(line, E'\t', 4)::bigint) as bots
    from string_to_table(counts, E'\n') as line
    where line <> ''
    group by 1, 2
  ), ranked as (
    select *, row_number() over (partition by dimension order by non_bots + bots desc, value) as place from summed
  ), kept as (
    select dimension, case when place <= keep then value else 'other' end as value,
      sum(non_bots) as non_bots, sum(bots) as bots
    from ranked
    group by 1, 2
  )
  select coalesce(string_agg(concat_ws(E'\t', dimension, value, non_bots, bots) || E'\n', ''), '')
  from kept
  where non_bots <> 0 or bots <> 0
$$;

-- Of what scopes a visit of a short URL would be part now.
create function visit_scopes_of(of_domain bigint, of_code text, of_id bigint)
returns table (scope text, scope_id bigint)
language sql stable
as $$
  select 'all', 0::bigint
  union all select 'domain', of_domain
  union all select 'tag', tag_id from short_url_tags
  where domain_id = of_domain and short_code = of_code and short_url_id = of_id
$$;

-- Forgets all visits of a short URL: the raw ones, what is counted of them, and their part in what is counted of all,
-- of the domain, and of the tags that the short URL has now; returns how many were counted. What stays: their part in
-- tags that it no longer has. A tag that it has got since may lose visits that it never counted, but not below zero.
-- The recorder writes totals after visits. So with the total locked, every visit in it can be seen here, and visits of
-- a batch under way are counted anew once this is done. Rows are locked in the recorder's order.
create function delete_short_url_visits(of_domain bigint, of_code text, of_id bigint)
returns bigint
language plpgsql
as $$
declare
  total record;
begin
  select non_bots, bots into total from short_url_visit_totals
  where domain_id = of_domain and short_code = of_code and short_url_id = of_id
  for update;
  if not found then
    return 0;
  end if;
  delete from visits where domain_id = of_domain and short_code = of_code and short_url_id = of_id;
  delete from short_url_visit_totals
  where domain_id = of_domain and short_code = of_code and short_url_id = of_id;

  perform from visit_totals where (scope, scope_id) in (select * from visit_scopes_of(of_domain, of_code, of_id))
  order by scope, scope_id for update;
  update visit_totals
  set non_bots = greatest(0, non_bots - total.non_bots), bots = greatest(0, bots - total.bots)
  where (scope, scope_id) in (select * from visit_scopes_of(of_domain, of_code, of_id));

  perform from visits_daily where (scope, scope_id) in (select * from visit_scopes_of(of_domain, of_code, of_id))
    and day in (
      select day from short_url_visits_daily
      where domain_id = of_domain and short_code = of_code and short_url_id = of_id
    )
  order by scope, scope_id, day for update;
  with gone as (
    delete from short_url_visits_daily
    where domain_id = of_domain and short_code = of_code and short_url_id = of_id
    returning day, non_bots, bots, counts
  )
  update visits_daily d
  set non_bots = greatest(0, d.non_bots - g.non_bots), bots = greatest(0, d.bots - g.bots),
    counts = d.counts || regexp_replace(g.counts, E'\t(\\d+)\t(\\d+)\n', E'\t-\\1\t-\\2\n', 'g')
  from gone g
  where d.day = g.day and (d.scope, d.scope_id) in (select * from visit_scopes_of(of_domain, of_code, of_id));
  return total.non_bots + total.bots;
end
$$;

-- Forgets all orphan visits and what is counted of them; returns how many were counted. Locks as above.
create function delete_orphan_visits()
returns bigint
language plpgsql
as $$
declare
  total bigint;
begin
  select non_bots + bots into total from visit_totals where scope = 'orphan' and scope_id = 0 for update;
  if not found then
    return 0;
  end if;
  delete from orphan_visits;
  delete from visit_totals where scope = 'orphan' and scope_id = 0;
  delete from visits_daily where scope = 'orphan' and scope_id = 0;
  return total;
end
$$;
