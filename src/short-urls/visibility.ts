import { type ApiKey, roleOf } from '../api-keys/api-key.ts';
import type { Sql } from '../db/pool.ts';

declare const decided: unique symbol;

/**
 * What an API key may see and change; without any of these, everything. What it may not is as if it did not exist.
 * Marked, so that nobody gets to everything by an empty object or by leaving it out: it is made here or not at all.
 */
export interface Visibility {
  readonly [decided]: true;
  /** Only what was created with this key. */
  readonly authorApiKeyId?: number | undefined;
  /** Only what is of this domain. */
  readonly domainId?: number | undefined;
}

/** What hop itself sees, where nobody's key is asked for. */
export const EVERYTHING = {} as Visibility;

/** Which short URLs a key may see and change, and so of which it may see the visits. */
export function visibilityOf(apiKey: ApiKey): Visibility {
  return {
    authorApiKeyId: roleOf(apiKey, 'AUTHORED_SHORT_URLS') && apiKey.apiKeyId,
    domainId: roleOf(apiKey, 'DOMAIN_SPECIFIC')?.domainId,
  } as Visibility;
}

/** Whether there is something that is not to be seen. */
export function isRestricted({ authorApiKeyId, domainId }: Visibility): boolean {
  return authorApiKeyId !== undefined || domainId !== undefined;
}

/**
 * Whether a row `s` of short_urls is there for somebody: the one place where roles become SQL, for lists and changes as
 * for lookups. It says no more than it must, from which PostgreSQL chooses its index; that makes at most four statements
 * of one, each prepared by itself. test/unit/roles.test.ts finds statements without it.
 */
export function isVisible(sql: Sql, { authorApiKeyId, domainId }: Visibility) {
  const isByAuthor = authorApiKeyId === undefined ? sql`true` : sql`s.author_api_key_id = ${authorApiKeyId}::bigint`;
  return domainId === undefined ? isByAuthor : sql`${isByAuthor} and s.domain_id = ${domainId}::bigint`;
}
