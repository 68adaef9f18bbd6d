import type { ApiKey } from '../api-keys/api-key.ts';
import { AppError } from '../lib/errors.ts';
import { asFields, invalidData } from '../lib/field-reader.ts';
import { Limiter } from '../lib/limiter.ts';
import type { Authoring } from './authoring.ts';
import type { Creation } from './fields.ts';
import type { Idempotency, Settled } from './idempotency.ts';
import type { Claim, ShortUrl } from './short-url.ts';

export const MAX_BULK_ITEMS = 1_000;
/** Creates of a bulk at a time: they fill the inserts they share, and leave room for the creates of others. */
const MAX_AT_ONCE = 250;

export interface BulkRequest {
  readonly body: unknown;
  readonly apiKey: ApiKey;
  readonly idempotencyKey: string | null;
}

type Author = Pick<Authoring, 'read' | 'create'>;
type Read = { readonly creation: Creation } | { readonly error: AppError };
type Create = (creation: Creation, claim?: Claim) => Promise<ShortUrl>;

/**
 * Creates many short URLs, each item judged and created for itself. Answers what became of them, in their order.
 * Under an Idempotency-Key, items that were created before are answered as then, and the others are tried again.
 * Errors: `invalid-data` when the bulk as such is not valid, `idempotency-key-reused`.
 */
export async function createBulk(
  { body, apiKey, idempotencyKey }: BulkRequest,
  authoring: Author,
  idempotency: Pick<Idempotency, 'each'>,
): Promise<Settled[]> {
  const reads = readItems(body).map((item) => readItem(item, apiKey, authoring));
  const create = inTurns((creation, claim) => authoring.create(creation, apiKey, claim));
  const createItem = async (item: number, claim?: Claim) => {
    const read = reads[item];
    if (read === undefined || 'error' in read) throw read?.error;
    return create(read.creation, claim);
  };
  if (idempotencyKey === null) return Promise.all(reads.map((_, item) => settle(createItem(item))));
  // What is not valid needs no claim, but for the first item, by which another bulk under this key is recognised.
  const claimed = [...reads.keys()].filter((item) => item === 0 || isValid(reads[item]));
  const asked = { apiKeyId: apiKey.apiKeyId, idempotencyKey, request: ['bulk', body] };
  const results = await idempotency.each(asked, claimed, createItem);
  const byItem = new Map(claimed.map((item, index) => [item, results[index]]));
  return Promise.all(reads.map((_, item) => byItem.get(item) ?? settle(createItem(item))));
}

function readItems(body: unknown): readonly unknown[] {
  const { shortUrls } = asFields(body);
  const isBulk = Array.isArray(shortUrls) && shortUrls.length > 0 && shortUrls.length <= MAX_BULK_ITEMS;
  if (!isBulk) throw invalidData('shortUrls');
  return shortUrls;
}

function readItem(item: unknown, apiKey: ApiKey, authoring: Author): Read {
  try {
    return { creation: authoring.read(asFields(item), apiKey) };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

function isValid(read: Read | undefined): boolean {
  return read !== undefined && 'creation' in read;
}

/**
 * Some creates at a time. Those that look for an existing short URL do so one after the other for each long URL, or
 * equal items would not find each other.
 */
function inTurns(create: Create): Create {
  const limiter = new Limiter(MAX_AT_ONCE);
  const turns = new Map<string, Promise<unknown>>();
  return (creation, claim) => {
    const run = () => limiter.run(() => create(creation, claim));
    if (!creation.findIfExists) return run();
    const turn = (turns.get(creation.longUrl) ?? Promise.resolve()).then(run);
    turns.set(
      creation.longUrl,
      turn.catch(() => {}),
    );
    return turn;
  };
}

async function settle(create: Promise<ShortUrl>): Promise<Settled> {
  try {
    return { shortUrl: await create };
  } catch (error) {
    return { error };
  }
}
