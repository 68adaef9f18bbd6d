import { hash } from 'node:crypto';
import { AppError } from '../lib/errors.ts';
import type { ApiKey } from './api-key.ts';
import { ApiKeyCache, type FindApiKey } from './cache.ts';
import { isMistyped } from './key-text.ts';

export type { ApiKey } from './api-key.ts';

/** Tells who sends a request. */
export class ApiKeyService {
  readonly #cache: ApiKeyCache;

  constructor(find: FindApiKey) {
    this.#cache = new ApiKeyCache(find);
  }

  /**
   * The key in use with this text. While the database is down, keys seen in the last 1.5 s still work.
   * Errors: `missing-authentication`, `invalid-api-key` (unknown, disabled and expired alike), `database-unavailable`.
   */
  async authenticate(key: string | null): Promise<ApiKey> {
    if (key === null || key === '') throw missing();
    const apiKey = isMistyped(key) ? undefined : await this.#cache.get(hashApiKey(key));
    if (apiKey === undefined) throw new AppError('invalid-api-key', 'Provided API key does not exist or is invalid.');
    return apiKey;
  }

  /** Whether this key was in use when it was last seen here. Asks nobody. */
  isFamiliar(key: string): boolean {
    return this.#cache.isFamiliar(hashApiKey(key));
  }
}

/**
 * Keys are random enough that a plain hash protects them. Only hashes are looked up, in a map and in an index, so how
 * long that takes tells at most something of a hash, which nobody can steer towards a stored one.
 */
export function hashApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

function missing(): AppError {
  return new AppError(
    'missing-authentication',
    'Expected one of the following authentication headers, ["X-Api-Key"], but none were provided',
    { extra: { expectedHeaders: ['X-Api-Key'] } },
  );
}
