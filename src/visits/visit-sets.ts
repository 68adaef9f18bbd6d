import { type ApiKey, roleOf } from '../api-keys/api-key.ts';
import type { Database } from '../db/database.ts';
import { domainNotFound } from '../domains/service.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import type { FindKey } from '../short-urls/find-key.ts';
import { type ShortUrlService, shortUrlNotFound } from '../short-urls/service.ts';
import type { ShortUrl } from '../short-urls/short-url.ts';
import { isRestricted, visibilityOf } from '../short-urls/visibility.ts';
import { tagNotFound } from '../tags/service.ts';
import { normaliseTag } from '../tags/tag.ts';
import type { OrphanKind } from './lists/visit.ts';
import type { ShortUrlChoice, Site, VisitSet } from './lists/visit-set.ts';
import { findTagId, hasShortUrls } from './visit-sets-store.ts';

export interface VisitSetsOptions {
  readonly database: Database;
  readonly shortUrls: Pick<ShortUrlService, 'find'>;
  readonly findKey: FindKey;
  /** The id of the domain that a request names; undefined when there is none. */
  readonly findDomain: (domain: string | undefined) => Promise<number | undefined>;
  /** What a request under the domain that is named here has in its URL; undefined when it can be none. */
  readonly authorityOf: (domain: string) => string | undefined;
}

const DEFAULT = 'DEFAULT';

/**
 * From what a request names to the visits that its API key may see: the one place where roles restrict them. What a key
 * may not see is not there.
 */
export class VisitSets {
  readonly #options: VisitSetsOptions;

  constructor(options: VisitSetsOptions) {
    this.#options = options;
  }

  /** Errors: `short-url-not-found`. */
  async ofShortUrl(shortCode: string, domain: string | undefined, apiKey: ApiKey): Promise<OneShortUrl> {
    const found = await this.#findShortUrl(shortCode, domain, apiKey);
    if (found === undefined) throw shortUrlNotFound(shortCode, domain);
    return { of: 'short-url', domainId: found.domainId, shortCode: found.shortCode, shortUrlId: found.shortUrlId };
  }

  /** Those of the short URLs that have the tag now. Errors: `tag-not-found`. */
  async ofTag(name: string, domain: string | undefined, apiKey: ApiKey): Promise<VisitSet> {
    const tagId = await this.#findTag(name);
    const choice = { tagId, visibility: visibilityOf(apiKey) };
    const isThere = tagId !== undefined && (isUnrestricted(apiKey) || (await this.#hasShortUrls(choice)));
    if (!isThere) throw tagNotFound(name);
    if (domain === undefined) return { of: 'some', ...choice };
    const domainId = await this.#domainId(domain);
    return domainId === undefined ? { of: 'none' } : { of: 'some', ...choice, domainId };
  }

  /**
   * Those whose short URL had the tag when they were recorded, for statistics; a restricted key sees those of its short
   * URLs that have the tag now. Errors: `tag-not-found`.
   */
  async everOfTag(name: string, apiKey: ApiKey): Promise<VisitSet> {
    if (!isUnrestricted(apiKey)) return this.ofTag(name, undefined, apiKey);
    const tagId = await this.#findTag(name);
    if (tagId === undefined) throw tagNotFound(name);
    return { of: 'tag', tagId };
  }

  /** Errors: `domain-not-found`. */
  async ofDomain(name: string, apiKey: ApiKey): Promise<VisitSet> {
    const domainId = await this.#domainId(name);
    if (domainId === undefined || !(await this.#isDomainVisible(domainId, apiKey))) throw domainNotFound(name);
    return setOfDomain(domainId, apiKey);
  }

  /** Those of all short URLs, or of one domain's. */
  async nonOrphan(domain: string | undefined, apiKey: ApiKey): Promise<VisitSet> {
    const named = domain === undefined ? undefined : await this.#domainId(domain);
    if (domain !== undefined && named === undefined) return { of: 'none' };
    return setOfDomain(named, apiKey);
  }

  orphans(kind: OrphanKind | undefined, domain: string | undefined, apiKey: ApiKey): Promise<VisitSet> {
    if (roleOf(apiKey, 'NO_ORPHAN_VISITS') !== undefined) return Promise.resolve({ of: 'none' });
    return this.#orphansOf(kind, domain);
  }

  async #orphansOf(kind: OrphanKind | undefined, domain: string | undefined): Promise<VisitSet> {
    if (domain === undefined) return { of: 'orphans', kind };
    const site = await this.#siteOf(domain);
    return site === undefined ? { of: 'none' } : { of: 'orphans', kind, site };
  }

  async #siteOf(domain: string): Promise<Site | undefined> {
    const authority = this.#options.authorityOf(domain);
    if (authority === undefined) return undefined;
    return { authority, domainId: (await this.#domainId(domain)) ?? DEFAULT_DOMAIN_ID };
  }

  async #findShortUrl(code: string, domain: string | undefined, apiKey: ApiKey): Promise<ShortUrl | undefined> {
    const key = await this.#options.findKey(code, domain === DEFAULT ? undefined : domain);
    return key && this.#options.shortUrls.find(key, visibilityOf(apiKey));
  }

  async #findTag(name: string): Promise<number | undefined> {
    const tag = normaliseTag(name);
    return tag === undefined ? undefined : findTagId(this.#options.database, tag);
  }

  #domainId(domain: string): Promise<number | undefined> {
    return this.#options.findDomain(domain === DEFAULT ? undefined : domain);
  }

  /** A restricted key sees the domains of its short URLs; the default one is known to everybody. */
  async #isDomainVisible(domainId: number, apiKey: ApiKey): Promise<boolean> {
    if (domainId === DEFAULT_DOMAIN_ID || isUnrestricted(apiKey)) return true;
    const visibility = visibilityOf(apiKey);
    if (visibility.authorApiKeyId === undefined) return visibility.domainId === domainId;
    return this.#hasShortUrls({ domainId, visibility });
  }

  #hasShortUrls(choice: ShortUrlChoice): Promise<boolean> {
    return hasShortUrls(this.#options.database, choice);
  }
}

type OneShortUrl = Extract<VisitSet, { of: 'short-url' }>;

/** Rollups of a domain serve whoever may see all of it. */
function setOfDomain(asked: number | undefined, apiKey: ApiKey): VisitSet {
  const visibility = visibilityOf(apiKey);
  const domainId = visibility.domainId ?? asked;
  if (asked !== undefined && asked !== domainId) return { of: 'none' };
  if (visibility.authorApiKeyId !== undefined) return { of: 'some', visibility, domainId };
  return domainId === undefined ? { of: 'all' } : { of: 'domain', domainId };
}

/** Whether the key sees all short URLs. */
function isUnrestricted(apiKey: ApiKey): boolean {
  return !isRestricted(visibilityOf(apiKey));
}
