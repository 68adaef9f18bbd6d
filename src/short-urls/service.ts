import type { Slugs } from '../codes/slugs.ts';
import type { Database } from '../db/database.ts';
import { AppError } from '../lib/errors.ts';
import { invalidData } from '../lib/field-reader.ts';
import type { TagIds } from '../tags/tag-ids.ts';
import type { CreateQueue, CreateResult } from './creates.ts';
import type { Claim, NewShortUrl, ShortUrl, ShortUrlFields, ShortUrlKey, ShortUrlPatch } from './short-url.ts';
import { deleteShortUrl, findShortUrl, notifyChange, updateShortUrl } from './store.ts';
import type { Visibility } from './visibility.ts';

export interface ShortUrlServiceOptions {
  readonly database: Database;
  readonly creates: Pick<CreateQueue, 'add'>;
  readonly slugs: Pick<Slugs, 'slugOf' | 'toSlug'>;
  readonly tagIds: Pick<TagIds, 'of'>;
  /** A fresh code of this length. Rejects while the database is out of reach and the alphabet not known yet. */
  readonly generateCode: (length: number) => Promise<string>;
  readonly codeLength: number;
  /** Visits; a short URL with more cannot be deleted. Undefined: there is no limit. */
  readonly deletableUpTo: number | undefined;
  readonly isReserved: (slug: string) => boolean;
  /** This process's caches must not know the short URL any more. */
  readonly forget: (key: ShortUrlKey) => void;
}

export interface CreateShortUrl extends ShortUrlFields {
  readonly domainId: number;
  /** The authority of the domain, null for the default one. */
  readonly domain?: string | null;
  /** Normalised, different from each other. */
  readonly tags?: readonly string[];
  /** Without it a code is generated. */
  readonly customSlug?: string | null | undefined;
  /** Put in front of a generated code. */
  readonly pathPrefix?: string;
  readonly codeLength?: number | null | undefined;
  readonly authorApiKeyId?: number | null;
  readonly claim?: Claim | undefined;
}

export interface EditShortUrl extends ShortUrlPatch {
  /** All tags from then on, normalised, different from each other. */
  readonly tags?: readonly string[] | undefined;
}

/** Clashes of one create before its code is made longer: by then the codes of this length are running out. */
const CLASHES_BEFORE_LONGER = 3;
/** Far more clashes than chance allows at any length: something else is wrong. */
const MAX_CLASHES = 24;

export class ShortUrlService {
  readonly #options: ShortUrlServiceOptions;

  constructor(options: ShortUrlServiceOptions) {
    this.#options = options;
  }

  /**
   * Creates a short URL; resolves after the commit.
   * Errors: `invalid-data` (the slug), `non-unique-slug`, `database-unavailable`, `overloaded`.
   */
  async create(request: CreateShortUrl): Promise<ShortUrl> {
    const slug = request.customSlug ?? undefined;
    const created = slug === undefined ? await this.#withCode(request) : await this.#withSlug(request, slug);
    this.#options.forget(created);
    return created;
  }

  find(key: ShortUrlKey, visibility: Visibility): Promise<ShortUrl | undefined> {
    return findShortUrl(this.#options.database, key, visibility);
  }

  /** Undefined when there is none. Seen by this process at once, by the others within 2 s. */
  async edit(key: ShortUrlKey, changes: EditShortUrl, visibility: Visibility): Promise<ShortUrl | undefined> {
    const { tags, ...patch } = changes;
    const { database, tagIds } = this.#options;
    // No tags are made for a short URL that is not there.
    if (tags?.length && (await this.find(key, visibility)) === undefined) return undefined;
    const edit = { ...patch, tagIds: tags && (await tagIds.of(tags)) };
    const edited = await updateShortUrl(database, key, edit, visibility);
    if (edited !== undefined) this.#changed(key);
    return edited;
  }

  /** False when there is none. Errors: `invalid-short-url-deletion` for too many visits. */
  async delete(key: ShortUrlKey, visibility: Visibility): Promise<boolean> {
    await this.#requireFewVisits(key, visibility);
    const wasDeleted = await deleteShortUrl(this.#options.database, key, visibility);
    if (wasDeleted) this.#changed(key);
    return wasDeleted;
  }

  /** In a statement of its own: visits are counted with a delay anyway. */
  async #requireFewVisits(key: ShortUrlKey, visibility: Visibility): Promise<void> {
    const { deletableUpTo } = this.#options;
    const found = deletableUpTo === undefined ? undefined : await this.find(key, visibility);
    if (deletableUpTo === undefined || found === undefined) return;
    if (found.visits.nonBots + found.visits.bots > deletableUpTo) throw tooManyVisits(found, deletableUpTo);
  }

  #changed(key: ShortUrlKey): void {
    this.#options.forget(key);
    notifyChange(this.#options.database).catch(() => {}); // only a hint: the change is committed and will be polled
  }

  async #withSlug(request: CreateShortUrl, customSlug: string): Promise<ShortUrl> {
    const { slugs, isReserved } = this.#options;
    const shortCode = slugs.toSlug(customSlug);
    if (shortCode === undefined || isReserved(shortCode)) throw invalidData('customSlug');
    const created = await this.#insert(await this.#withTags(request), shortCode);
    if (created === undefined) throw slugTaken(shortCode, request.domain ?? null);
    return created;
  }

  async #withCode(request: CreateShortUrl): Promise<ShortUrl> {
    const { slugs, isReserved, codeLength } = this.#options;
    const shortest = request.codeLength ?? codeLength;
    const tagged = await this.#withTags(request);
    for (let clashes = 0; clashes < MAX_CLASHES; clashes++) {
      const length = shortest + Math.floor(clashes / CLASHES_BEFORE_LONGER);
      const shortCode = slugs.slugOf(`${request.pathPrefix ?? ''}${await this.#options.generateCode(length)}`);
      // Only a prefix can make it so.
      if (shortCode === undefined || isReserved(shortCode)) continue;
      const created = await this.#insert(tagged, shortCode);
      if (created !== undefined) return created;
    }
    throw new AppError('internal-error', 'No free short code was found. Try again, or give a custom slug.');
  }

  async #withTags(request: CreateShortUrl): Promise<TaggedCreate> {
    return request.tags?.length ? { ...request, tagIds: await this.#options.tagIds.of(request.tags) } : request;
  }

  #insert({ customSlug, codeLength, pathPrefix, ...fields }: TaggedCreate, shortCode: string): Promise<CreateResult> {
    return this.#options.creates.add({ ...fields, shortCode, createId: fields.claim?.createId ?? crypto.randomUUID() });
  }
}

type TaggedCreate = CreateShortUrl & Pick<NewShortUrl, 'tagIds'>;

function slugTaken(customSlug: string, domain: string | null): AppError {
  const where = domain === null ? 'already in use' : `already in use for domain "${domain}"`;
  return new AppError('non-unique-slug', `Provided slug "${customSlug}" is ${where}.`, {
    extra: domain === null ? { customSlug } : { customSlug, domain },
  });
}

function tooManyVisits({ shortCode, domain }: ShortUrl, threshold: number): AppError {
  const where = domain === null ? '' : ` for domain "${domain}"`;
  return new AppError(
    'invalid-short-url-deletion',
    `Impossible to delete short URL with short code "${shortCode}"${where}, since it has more than "${threshold}" visits.`,
    { extra: domain === null ? { shortCode, threshold } : { shortCode, domain, threshold } },
  );
}

/** @param domain as it was asked for, if one was */
export function shortUrlNotFound(shortCode: string, domain?: string): AppError {
  const where = domain === undefined ? '' : ` for domain "${domain}"`;
  return new AppError('short-url-not-found', `No URL found with short code "${shortCode}"${where}`, {
    extra: domain === undefined ? { shortCode } : { shortCode, domain },
  });
}
