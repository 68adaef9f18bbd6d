import { type ApiKey, roleOf } from '../api-keys/api-key.ts';
import type { Database } from '../db/database.ts';
import type { DomainService } from '../domains/service.ts';
import { AppError } from '../lib/errors.ts';
import { findExisting } from './existing.ts';
import { type Creation, type FieldContext, readCreation } from './fields.ts';
import { answerClaim } from './idempotency-store.ts';
import type { ShortUrlService } from './service.ts';
import type { Claim, ShortUrl } from './short-url.ts';
import { visibilityOf } from './visibility.ts';

export interface AuthoringOptions {
  readonly database: Database;
  readonly shortUrls: Pick<ShortUrlService, 'create'>;
  readonly domains: Pick<DomainService, 'find' | 'ensure'>;
  readonly fields: Omit<FieldContext, 'ownDomain'>;
}

/** Creates short URLs as the REST API asks for them. */
export class Authoring {
  readonly #options: AuthoringOptions;

  constructor(options: AuthoringOptions) {
    this.#options = options;
  }

  /** Validates what this key asks for. Errors: `invalid-data`. */
  read(body: Readonly<Record<string, unknown>>, apiKey: ApiKey): Creation {
    const ownDomain = roleOf(apiKey, 'DOMAIN_SPECIFIC')?.authority;
    return readCreation(body, { ...this.#options.fields, ownDomain });
  }

  /**
   * The short URL that exists already, if that was asked for, else a new one, committed.
   * Errors: `non-unique-slug`, `database-unavailable`, `overloaded`.
   * @param claim what the answer is kept under
   */
  async create(creation: Creation, apiKey: ApiKey, claim?: Claim): Promise<ShortUrl> {
    const found = await this.#find(creation, apiKey, claim);
    if (found !== undefined) return found;
    try {
      return await this.#create(creation, apiKey, claim);
    } catch (error) {
      // Somebody may have made just that since we looked.
      const isTaken = error instanceof AppError && error.code === 'non-unique-slug';
      const made = isTaken ? await this.#find(creation, apiKey, claim) : undefined;
      if (made === undefined) throw error;
      return made;
    }
  }

  async #find(creation: Creation, apiKey: ApiKey, claim?: Claim): Promise<ShortUrl | undefined> {
    if (!creation.findIfExists) return undefined;
    const { database, domains } = this.#options;
    const domainId = await domains.find(creation.domain);
    if (domainId === undefined) return undefined;
    const found = await findExisting(database, domainId, creation, visibilityOf(apiKey));
    if (found !== undefined && claim !== undefined) await answerClaim(database, claim, found);
    return found;
  }

  async #create({ findIfExists, ...creation }: Creation, { apiKeyId }: ApiKey, claim?: Claim): Promise<ShortUrl> {
    const { domains, shortUrls } = this.#options;
    const domainId = await domains.ensure(creation.domain);
    return shortUrls.create({ ...creation, domainId, authorApiKeyId: apiKeyId, claim });
  }
}
