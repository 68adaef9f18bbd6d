-- hop:requires 0.1.0
-- What lists need to stay fast with a million short URLs: an index for each order, one for searching, and the totals
-- of visits. Ties are listed in order of insertion whatever the direction, so short_url_id always comes last.

-- Trusted since PostgreSQL 13: the owner of the database may create it.
create extension if not exists pg_trgm;

-- Order of insertion by itself: where titles or visits are missing, for counting (the narrowest index there is), and
-- to fetch the rows of a page, of which only the ids are read in order.
create index short_urls_by_id on short_urls (short_url_id);
create index short_urls_by_short_code on short_urls (short_code, short_url_id);
-- A start is enough to have long URLs nearly in order, and a btree entry ends at 2,704 bytes.
create index short_urls_by_long_url_start on short_urls (left(long_url, 128) collate "C", short_url_id);
-- People look for a title whatever its case; of ASCII only, because "C" is the one collation that never changes.
create index short_urls_by_title on short_urls (lower(left(coalesce(title, ''), 512) collate "C"), short_url_id);
-- The default list of a domain; the default domain's is the one of all.
create index short_urls_by_domain on short_urls (domain_id, created_at, short_url_id) where domain_id <> 0;

-- One index on all three texts: a search is then one scan of it, not three and a union, and trigrams that they share
-- are stored once. Line breaks keep them apart: a term of one line never matches across two texts.
-- It is the dearest index by far: a create with some 80 trigrams costs the server 0.2 to 0.3 ms with it and 0.06 ms
-- without (a million rows, batches of 64). Left unindexed, the long URL would make up most of that, but it is what
-- people search for; and without fastupdate it would be 0.7 ms. The pending list is kept short, because the create that
-- finds it full empties it: some 0.1 s at 1 MB, 0.4 s at the usual 4, 1.3 s at 32. Nothing but speed depends on this
-- index: an installation that makes thousands of short URLs a second may drop it and search by reading all rows.
create index short_urls_by_text on short_urls
  using gin ((short_code || E'\n' || long_url || E'\n' || coalesce(title, '') collate "default") gin_trgm_ops)
  with (gin_pending_list_limit = 1024);

-- Whether a tag's list is read by tag or by age depends on how many short URLs have it: known for a thousand tags, not
-- for the usual hundred. (Taken for an average tag, one with 112 of a million cost seconds in place of milliseconds.)
alter table short_url_tags alter column tag_id set statistics 1000;

-- Recorded visits, written by whoever counts them, in batches: the indexes are for lists ordered by visits and make
-- each update touch them, so an update should stand for many visits. No row means none yet. A slug deleted and made
-- anew is another short_url_id and starts at zero.
create table short_url_visit_totals (
  domain_id bigint not null,
  short_code text collate "C" not null,
  short_url_id bigint not null,
  non_bots bigint not null default 0,
  bots bigint not null default 0,
  primary key (domain_id, short_code, short_url_id)
) with (fillfactor = 70);

create index short_url_visit_totals_by_visits on short_url_visit_totals ((non_bots + bots), short_url_id);
create index short_url_visit_totals_by_non_bots on short_url_visit_totals (non_bots, short_url_id);
