import type { Database } from '../db/database.ts';
import { AppError } from '../lib/errors.ts';
import { invalidData } from '../lib/field-reader.ts';
import { claimCreates, fromStored, releaseClaim } from './idempotency-store.ts';
import type { Claim, ShortUrl } from './short-url.ts';

/** How long an answer is kept. */
export const KEY_LIFETIME_MS = 24 * 3_600_000;
/**
 * A create that has not ended after this belongs to nobody: its process has died, or it waited for the database and
 * will find its claim gone. Longer than a create takes, shorter than clients wait.
 */
const LEASE_MS = 10_000;
const POLL_MS = 50;

export interface IdempotentRequest {
  readonly apiKeyId: number;
  readonly idempotencyKey: string;
  /** What is asked for: another one under the same key is refused. */
  readonly request: unknown;
}

export type CreateItem = (item: number, claim: Claim) => Promise<ShortUrl>;

/**
 * Creates that happen once, however often they are sent (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header).
 * A create is claimed first; the statement that inserts the short URL writes the answer to the claim too, and only
 * while the claim holds. So a process may be killed at any moment: what it has created is answered as then, and what
 * it has not passes to whoever asks next. Failures are not kept: the next one to ask tries again.
 */
export class Idempotency {
  readonly #database: Database;
  readonly #leaseMs: number;

  constructor(database: Database, leaseMs = LEASE_MS) {
    this.#database = database;
    this.#leaseMs = leaseMs;
  }

  /**
   * What became of each item, in their order. Waits for those that somebody else is creating right now.
   * Errors: `idempotency-key-reused`, `malformed-request-body`, `overloaded`, `database-unavailable`.
   */
  async each(request: IdempotentRequest, items: readonly number[], create: CreateItem): Promise<Settled[]> {
    const requestHash = hash(request.request);
    const createIds = new Map(items.map((item) => [item, crypto.randomUUID() as string]));
    const settled = new Map<number, Settled | Promise<Settled>>();
    const giveUpAtMs = performance.now() + 2 * this.#leaseMs;
    while (createIds.size > 0) {
      if (performance.now() > giveUpAtMs) throw stillUnderWay();
      for (const { item, createId, isSameRequest, answer } of await this.#claim(request, requestHash, createIds)) {
        if (!isSameRequest) throw keyReused();
        const isOurs = createIds.get(item) === createId;
        if (answer === null && !isOurs) continue;
        const claim = { ...request, item, createId };
        const answered = answer && { shortUrl: fromStored(answer) };
        settled.set(item, answered ?? this.#settle(claim, create));
        createIds.delete(item);
      }
      if (createIds.size > 0) await Bun.sleep(POLL_MS);
    }
    return Promise.all(items.map((item) => settled.get(item) ?? { error: stillUnderWay() }));
  }

  #claim({ apiKeyId, idempotencyKey }: IdempotentRequest, requestHash: Buffer, createIds: ReadonlyMap<number, string>) {
    const [leaseMs, lifetimeMs] = [this.#leaseMs, KEY_LIFETIME_MS];
    return claimCreates(this.#database, { apiKeyId, idempotencyKey, requestHash, createIds, leaseMs, lifetimeMs });
  }

  async #settle(claim: Claim, create: CreateItem): Promise<Settled> {
    try {
      return { shortUrl: await create(claim.item, claim) };
    } catch (error) {
      // Should that fail too, the claim runs out by itself.
      await releaseClaim(this.#database, claim).catch(() => {});
      return { error };
    }
  }
}

/** How a create ended. */
export type Settled = { readonly shortUrl: ShortUrl } | { readonly error: unknown };

/** The header's value; null when it was not sent. Errors: `invalid-data`. */
export function readIdempotencyKey({ headers }: Request): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw invalidData('Idempotency-Key');
}

function hash(request: unknown): Buffer {
  return Buffer.from(new Bun.CryptoHasher('sha256').update(textOf(request)).digest());
}

/** What was parsed may be nested deeper than can be written again: 400,000 brackets fit into a body. */
function textOf(request: unknown): string {
  try {
    return JSON.stringify(request);
  } catch (cause) {
    throw new AppError('malformed-request-body', 'The request body is nested too deeply.', { cause });
  }
}

function keyReused(): AppError {
  return new AppError(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another request: use a new one for each request.',
  );
}

function stillUnderWay(): AppError {
  return new AppError('overloaded', 'The first request with this Idempotency-Key is still under way. Try again soon.');
}
