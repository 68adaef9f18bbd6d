-- hop:requires 0.1.0
-- Creates that carry an Idempotency-Key: one row for each short URL asked for (a bulk has many). The statement that
-- inserts the short URL also writes the answer here, so that after a crash either both are there or neither.

create table idempotency_keys (
  api_key_id bigint not null,
  idempotency_key text collate "C" not null,
  -- position in a bulk, else 0
  item integer not null,
  -- SHA-256 of what was asked for
  request_hash bytea not null,
  -- who may create it, until claimed_at is too long ago
  create_id uuid not null,
  claimed_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  -- the short URL as it was created; null until then
  answer jsonb,
  primary key (api_key_id, idempotency_key, item)
);

create index idempotency_keys_by_created_at on idempotency_keys (created_at);
