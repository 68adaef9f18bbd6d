import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import type { Claim, ShortUrl } from './short-url.ts';

/** How a create stands. */
export interface ClaimState {
  readonly item: number;
  /** Who may create it: the id that we offered, or that of somebody who is at it. */
  readonly createId: string;
  readonly isSameRequest: boolean;
  /** The short URL, once it was created. */
  readonly answer: StoredShortUrl | null;
}

/** A short URL as JSON keeps it. */
type Dates = 'createdAt' | 'validSince' | 'validUntil';
export type StoredShortUrl = Omit<ShortUrl, Dates> & {
  readonly createdAt: string;
  readonly validSince: string | null;
  readonly validUntil: string | null;
};

export function fromStored(stored: StoredShortUrl): ShortUrl {
  const { createdAt, validSince, validUntil } = stored;
  return {
    ...stored,
    createdAt: new Date(createdAt),
    validSince: validSince === null ? null : new Date(validSince),
    validUntil: validUntil === null ? null : new Date(validUntil),
  };
}

export interface ClaimRequest {
  readonly apiKeyId: number;
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  readonly createIds: ReadonlyMap<number, string>;
  /** Claims older than this belong to nobody: who made them has died. */
  readonly leaseMs: number;
  readonly lifetimeMs: number;
}

/**
 * Claims creates, or tells who has claimed or done them. What was never done and is claimed by nobody alive passes to
 * us; what has outlived its time is claimed anew. May be sent again: our own claims are ours.
 */
export function claimCreates(database: Database, request: ClaimRequest): Promise<ClaimState[]> {
  const { apiKeyId, idempotencyKey, requestHash, leaseMs, lifetimeMs } = request;
  const asked = [...request.createIds].map(([item, createId]) => ({ item, create_id: createId }));
  return database.run(
    'writes',
    (sql) => {
      const isOld = sql`k.created_at < now() - make_interval(secs => ${lifetimeMs / 1000}::float8)`;
      const isFree = sql`
        (${isOld} or k.answer is null and k.request_hash = excluded.request_hash
          and k.claimed_at < now() - make_interval(secs => ${leaseMs / 1000}::float8))`;
      return sql<ClaimState[]>`
        insert into idempotency_keys as k (api_key_id, idempotency_key, item, request_hash, create_id)
        select ${apiKeyId}::bigint, ${idempotencyKey}, item, ${requestHash}::bytea, create_id
        from json_to_recordset(${JSON.stringify(asked)}::text::json) as a (item integer, create_id uuid)
        order by item
        on conflict (api_key_id, idempotency_key, item) do update set
          create_id = case when ${isFree} then excluded.create_id else k.create_id end,
          claimed_at = case when ${isFree} then excluded.claimed_at else k.claimed_at end,
          request_hash = case when ${isOld} then excluded.request_hash else k.request_hash end,
          answer = case when ${isOld} then null else k.answer end,
          created_at = case when ${isOld} then excluded.created_at else k.created_at end
        returning item, create_id as "createId", request_hash = ${requestHash}::bytea as "isSameRequest", answer`;
    },
    { retry: true },
  );
}

/** Nothing was created under the claim, so the next one to ask may try at once. */
export async function releaseClaim(database: Database, claim: Claim): Promise<void> {
  await database.run(
    'writes',
    (sql) => sql`
      update idempotency_keys k set claimed_at = '-infinity' where ${isOpen(sql, claim)}`,
    { retry: true },
  );
}

/** Keeps what was found rather than created (`findIfExists`) as the answer of a claim. */
export async function answerClaim(database: Database, claim: Claim, answer: ShortUrl): Promise<void> {
  await database.run(
    'writes',
    (sql) => sql`
      update idempotency_keys k set answer = ${JSON.stringify(answer)}::text::jsonb where ${isOpen(sql, claim)}`,
    { retry: true },
  );
}

function isOpen(sql: Sql, { apiKeyId, idempotencyKey, item, createId }: Claim) {
  return sql`
    k.api_key_id = ${apiKeyId} and k.idempotency_key = ${idempotencyKey} and k.item = ${item}
    and k.create_id = ${createId} and k.answer is null`;
}

/**
 * Part of the insert of short URLs: keeps the claims of what is `asked` from passing to somebody else until the commit;
 * those that have passed already are not among the `held`.
 */
export function holdClaims(sql: Sql) {
  return sql`
    held as materialized (
      select k.create_id from idempotency_keys k
      join asked a on k.api_key_id = a.author_api_key_id and k.idempotency_key = a.idempotency_key
        and k.item = a.item and k.create_id = a.create_id
      order by k.api_key_id, k.idempotency_key, k.item
      for update of k
    )`;
}

/** Part of the insert of short URLs: writes the answers of their claims. */
export function answerClaims(sql: Sql) {
  return sql`
    answered as (
      update idempotency_keys k
      set answer = a.answer || jsonb_build_object('shortUrlId', i.short_url_id, 'createdAt', i.created_at)
      from inserted i join asked a using (create_id)
      where k.api_key_id = a.author_api_key_id and k.idempotency_key = a.idempotency_key
        and k.item = a.item and k.create_id = a.create_id
    )`;
}

/** Forgets keys whose time is over. */
export async function trimIdempotencyKeys(database: Database, lifetimeMs: number): Promise<void> {
  await database.run(
    'writes',
    (sql) => sql`
      delete from idempotency_keys where created_at < now() - make_interval(secs => ${lifetimeMs / 1000}::float8)`,
    { retry: true },
  );
}
