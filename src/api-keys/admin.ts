import type { Database } from '../db/database.ts';
import type { Logger } from '../observability/log.ts';
import type { RoleType } from './api-key.ts';
import { generateApiKey, isMistyped, looksGenerated } from './key-text.ts';
import { hashApiKey } from './service.ts';
import { deleteApiKey, enableApiKey, insertApiKey, insertFirstApiKey } from './store.ts';

/** What was asked for cannot be done; the message is for the person at the terminal. It never shows a key. */
export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError';
}

export interface CreateApiKey {
  /** Default: one made from the key's hash. */
  readonly name?: string | undefined;
  /** Default: a generated one. */
  readonly key?: string | undefined;
  readonly expiresAt: Date | null;
  readonly roles: readonly RoleType[];
  /** The domain of DOMAIN_SPECIFIC. */
  readonly authority: string | null;
}

/**
 * Stores a new key and gives its text, which nobody can tell afterwards.
 * @throws ApiKeyError when the name or the key is taken, or is none
 */
export async function createApiKey(database: Database, options: CreateApiKey): Promise<{ key: string; name: string }> {
  const { key = generateApiKey(), expiresAt, roles, authority } = options;
  requireKey(key);
  const keyHash = hashApiKey(key);
  const name = options.name ?? `key-${keyHash.toString('hex', 0, 4)}`;
  requireName(name);
  const outcome = await insertApiKey(database, { keyHash, name, expiresAt, roles, authority });
  if (outcome === 'name-taken') throw new ApiKeyError(`There is a key named "${name}" already: choose another name.`);
  if (outcome === 'key-taken') throw new ApiKeyError('This key is there already, under another name.');
  return { key, name };
}

/** Makes a key that may do everything when there is no key at all, else undefined. */
export async function createFirstApiKey(database: Database, name: string): Promise<string | undefined> {
  const key = generateApiKey();
  return (await insertFirstApiKey(database, hashApiKey(key), name)) ? key : undefined;
}

/** Makes a given key, which may do everything, when there is no key at all: a deleted one does not come back. */
export async function ensureInitialApiKey(database: Database, key: string, log: Logger): Promise<void> {
  if (isMistyped(key)) log.warn('INITIAL_API_KEY is a mistyped key of hop; it will be refused');
  await insertFirstApiKey(database, hashApiKey(key), 'INITIAL_API_KEY');
}

/** @throws ApiKeyError when there is no key of that name */
export async function setApiKeyEnabled(database: Database, name: string, enabled: boolean): Promise<void> {
  if (!(await enableApiKey(database, name, enabled))) throw unknownName();
}

/** @throws ApiKeyError when there is no key of that name */
export async function removeApiKey(database: Database, name: string): Promise<void> {
  if (!(await deleteApiKey(database, name))) throw unknownName();
}

/** The name is not repeated: it may be a key, given by mistake. */
function unknownName(): ApiKeyError {
  return new ApiKeyError('There is no key of that name; "hop key list" shows them all.');
}

/** What a header can carry unchanged. */
function requireKey(key: string): void {
  if (!/^[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?$/.test(key))
    throw new ApiKeyError('A key consists of 1 to 256 printable ASCII characters, without blanks at its ends.');
  if (isMistyped(key)) throw new ApiKeyError('This is a key made by hop, but mistyped.');
}

function requireName(name: string): void {
  if (looksGenerated(name)) throw new ApiKeyError('The name is a key: names are shown, keys never.');
  if (!/^[^\s\p{C}]([^\p{C}]{0,98}[^\s\p{C}])?$/u.test(name))
    throw new ApiKeyError('A name consists of 1 to 100 characters, without blanks at its ends.');
}
