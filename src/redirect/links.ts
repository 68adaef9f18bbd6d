import type { AppError } from '../lib/errors.ts';
import { ownText } from '../lib/own-text.ts';
import { LinkCache } from './cache.ts';
import { DEFAULT_DOMAIN_ID, linkKey } from './key.ts';
import type { Link } from './link.ts';
import { type FindShortUrls, LinkLoader, type Outcome } from './loader.ts';
import { UnknownCodes } from './unknown.ts';

/** What names a short URL of a domain. */
export interface Coded {
  readonly shortCode: string;
}

export interface LinksOptions {
  readonly find: FindShortUrls;
  /** False while the database is known to be down: nothing is asked for again then. */
  readonly canLoad: () => boolean;
  /** Ids of all domains beside the default one. */
  readonly otherDomainIds: () => Iterable<number>;
  readonly cacheMaxBytes: number;
  readonly cacheTtlMs: number;
  readonly unknownCodesMax: number;
  readonly deadlineMs: number;
  readonly maxBatch: number;
  readonly maxBatchesInFlight: number;
  readonly maxQueue: number;
}

/** Stale links asked for again at the same time; the rest waits for a later hit, so that no stampede follows a failover. */
const MAX_REFRESHES = 100;
/**
 * Stale links asked for again in a second: at least these, and twice as many as grow old in one. Without it, a million
 * links loaded together and stale together cost half as much CPU again for minutes (13 → 19 µs per redirect).
 */
const MIN_REFRESHES_PER_SECOND = 200;
const TICK_MS = 1_000;

/** All that this process knows about links: the cache, the unknown codes and the loader, kept true together. */
export class Links {
  readonly cache: LinkCache;
  readonly #options: LinksOptions;
  readonly #unknown: UnknownCodes;
  readonly #loader: LinkLoader;
  readonly #timer: ReturnType<typeof setInterval>;
  #refreshesLeft = MIN_REFRESHES_PER_SECOND;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.cache = new LinkCache({ maxBytes: options.cacheMaxBytes, ttlMs: options.cacheTtlMs });
    this.#unknown = new UnknownCodes(options.unknownCodesMax);
    this.#loader = new LinkLoader({ ...options, onLoaded: (key, link) => this.#keep(key, link) });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Whether the code was found not to exist within the last second. */
  isUnknown(key: string): boolean {
    return this.#unknown.has(key);
  }

  /** Codes that are being looked up, or wait for it. */
  get loading(): number {
    return this.#loader.pending;
  }

  /** What the lookups were like so far. */
  get lookups(): Pick<LinkLoader, 'batchSizes' | 'failures'> {
    return this.#loader;
  }

  /** The link by way of the database; `settle` is called once, within the deadline. */
  load(domainId: number, shortCode: string, settle: (outcome: Outcome) => void): void {
    this.#loader.load(domainId, shortCode, settle);
  }

  /**
   * The first of several codes that is a short URL, by one statement for all that are not known; `settle` is called
   * once, within the deadline. An error stands for its code: it might have been that one.
   * @param codes at least one
   */
  loadFirst<T extends Coded>(domainId: number, codes: readonly T[], settle: (outcome: Outcome, code: T) => void): void {
    const [first] = codes;
    if (codes.length === 1 && first !== undefined) {
      this.#find(domainId, first.shortCode, (outcome) => settle(outcome, first));
    } else this.#findAll(domainId, codes, settle);
  }

  #findAll<T extends Coded>(domainId: number, codes: readonly T[], settle: (outcome: Outcome, code: T) => void): void {
    const outcomes: Outcome[] = [];
    let missing = codes.length;
    for (const [position, { shortCode }] of codes.entries()) {
      this.#find(domainId, shortCode, (outcome) => {
        outcomes[position] = outcome;
        if (--missing > 0) return;
        const first = Math.max(
          0,
          outcomes.findIndex((found) => found !== null),
        );
        settle(outcomes[first] ?? null, codes[first] as T);
      });
    }
  }

  #find(domainId: number, shortCode: string, settle: (outcome: Outcome) => void): void {
    const key = linkKey(domainId, shortCode);
    const link = this.cache.get(key);
    if (link !== undefined || this.isUnknown(key)) settle(link ?? null);
    else this.load(domainId, shortCode, settle);
  }

  /** A stale link was served: ask for it again, a few at a time, and keep serving it until the answer is there. */
  revalidate(link: Link, domainId: number): void {
    if (link.isRevalidating || this.#refreshesLeft <= 0 || this.#loader.pending >= MAX_REFRESHES) return;
    if (!this.#options.canLoad()) return;
    link.isRevalidating = true;
    this.#refreshesLeft--;
    this.#loader.load(domainId, link.shortCode, (outcome: Link | null | AppError) => {
      if (outcome instanceof Error) link.isRevalidating = false;
    });
  }

  /** This process changed the short URL: what it knows about it is gone at once. */
  forget(domainId: number, shortCode: string): void {
    for (const key of this.#keys(domainId, shortCode)) {
      this.cache.delete(key);
      this.#unknown.delete(key);
      this.#loader.invalidate(key);
    }
  }

  /**
   * Another process changed the short URL. A link held here is loaded anew and served on until then: should the
   * database go away in between, stale is better than gone.
   */
  changed(domainId: number, shortCode: string): void {
    for (const key of this.#keys(domainId, shortCode)) {
      this.#unknown.delete(key);
      this.#loader.invalidate(key);
      const link = this.cache.get(key);
      if (link === undefined) continue;
      link.loadedAtMs = Number.NEGATIVE_INFINITY;
      this.#loader.refresh(domainIdOf(key), shortCode);
    }
  }

  /** Anything may have changed (a failover, a restore, changes missed): all links are stale, loads under way repeat. */
  everythingChanged(): void {
    this.cache.markAllStale();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unknown.close();
    this.#loader.close();
  }

  #tick(): void {
    this.cache.tick();
    const growOld = (this.cache.size * TICK_MS) / this.#options.cacheTtlMs;
    this.#refreshesLeft = Math.max(MIN_REFRESHES_PER_SECOND, Math.ceil(2 * growOld));
  }

  #keep(key: string, link: Link | null): void {
    if (link !== null) {
      // Not the text that was cut out of a URL, which would keep that: 140 of 600 bytes a link, kilobytes with a query.
      this.cache.set(key === link.shortCode ? link.shortCode : key, link);
    } else {
      this.cache.delete(key);
      this.#unknown.add(ownText(key));
    }
  }

  /** A code of the default domain is answered on every domain that has no own link of that name. */
  *#keys(domainId: number, shortCode: string): Iterable<string> {
    yield linkKey(domainId, shortCode);
    if (domainId !== DEFAULT_DOMAIN_ID) return;
    for (const other of this.#options.otherDomainIds()) yield linkKey(other, shortCode);
  }
}

function domainIdOf(key: string): number {
  const separator = key.indexOf('\0');
  return separator === -1 ? DEFAULT_DOMAIN_ID : Number(key.slice(0, separator));
}
