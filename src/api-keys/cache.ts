import { AppError } from '../lib/errors.ts';
import type { ApiKey } from './api-key.ts';

export interface FoundApiKey {
  readonly apiKey: ApiKey;
  /** Milliseconds until it expires, by the database's clock; null when it does not. */
  readonly validForMs: number | null;
}

/** Finds the key that is enabled and not expired. */
export type FindApiKey = (keyHash: Buffer) => Promise<FoundApiKey | undefined>;

/**
 * A known key is believed for this long, counted from before the database was asked: with what is between us and the
 * database, a revocation acts everywhere within 2 s.
 */
const KNOWN_MS = 1_500;
/** Shorter, because whoever has just made a key wants to use it. */
const UNKNOWN_MS = 500;
const MAX_KNOWN = 1_000;
/** Apart from the known ones, so that guessing cannot push them out. */
const MAX_UNKNOWN = 10_000;
/** Keys that may be looked up at once: redirects share the pool, and guessing must not fill it. */
const MAX_LOADING = 100;

interface Known {
  readonly apiKey: ApiKey;
  readonly untilMs: number;
}

/** The keys of the last moment, by hash. Their age is bounded, so nobody has to tell it of changes. */
export class ApiKeyCache {
  readonly #find: FindApiKey;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #unknownUntilMs = new Map<string, number>();
  readonly #loading = new Map<string, Promise<ApiKey | undefined>>();

  /** `now` is any clock in milliseconds that is never set back. */
  constructor(find: FindApiKey, now = () => performance.now()) {
    this.#find = find;
    this.#now = now;
  }

  /** Undefined when there is no such key in use. Errors: `overloaded`, and those of the lookup. */
  async get(keyHash: Buffer): Promise<ApiKey | undefined> {
    const id = keyHash.toString('hex');
    const now = this.#now();
    const known = this.#known.get(id);
    if (known !== undefined && known.untilMs > now) return known.apiKey;
    if ((this.#unknownUntilMs.get(id) ?? Number.NEGATIVE_INFINITY) > now) return undefined;
    return this.#loading.get(id) ?? this.#load(id, keyHash);
  }

  /** Whether this was a key in use when it was last asked for, however long ago. Asks nobody. */
  isFamiliar(keyHash: Buffer): boolean {
    return this.#known.has(keyHash.toString('hex'));
  }

  #load(id: string, keyHash: Buffer): Promise<ApiKey | undefined> {
    if (this.#loading.size >= MAX_LOADING)
      throw new AppError('overloaded', 'Too many requests are waiting. Try again soon.');
    const loading = this.#ask(id, keyHash).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  async #ask(id: string, keyHash: Buffer): Promise<ApiKey | undefined> {
    const askedAtMs = this.#now();
    const found = await this.#find(keyHash);
    this.#known.delete(id);
    if (found === undefined) {
      keep(this.#unknownUntilMs, id, askedAtMs + UNKNOWN_MS, MAX_UNKNOWN);
      return undefined;
    }
    const untilMs = askedAtMs + Math.min(KNOWN_MS, found.validForMs ?? KNOWN_MS);
    keep(this.#known, id, { apiKey: found.apiKey, untilMs }, MAX_KNOWN);
    return found.apiKey;
  }
}

/** Adds as the newest, in place of the oldest where there is no room. */
function keep<T>(entries: Map<string, T>, id: string, value: T, max: number): void {
  entries.delete(id);
  const [oldest] = entries.size >= max ? entries.keys() : [];
  if (oldest !== undefined) entries.delete(oldest);
  entries.set(id, value);
}
