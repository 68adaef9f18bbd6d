import { DEFAULT_DOMAIN_ID } from './key.ts';

/** Where to send visitors of a domain who hit no short URL; null: nowhere. */
export interface NotFoundRedirects {
  readonly baseUrl: string | null;
  readonly regular404: string | null;
  readonly invalidShortUrl: string | null;
}

export interface DomainRow extends NotFoundRedirects {
  readonly domainId: number;
  /** null for the default domain. */
  readonly authority: string | null;
}

export interface Domain extends NotFoundRedirects {
  readonly domainId: number;
}

/**
 * The domains by authority (`host` or `host:port`, lower case). While there is only the default one, a request's
 * authority is not looked at at all; an authority that nobody knows is answered as the default domain, so that hop can
 * be reached by address and through proxies.
 */
export class DomainDirectory {
  readonly #fallbacks: NotFoundRedirects;
  #byAuthority = new Map<string, Domain>();
  #default: Domain;
  #edits = 0;
  /** Readings begun, and the number of the one that is in force. */
  #readings = 0;
  #inForce = 0;
  /** Until the domains have been read, a code cannot be looked up: it might belong to another domain. */
  isLoaded = false;

  /** @param fallbacks the configured redirects, for domains that have none of their own. */
  constructor(fallbacks: NotFoundRedirects) {
    this.#fallbacks = fallbacks;
    this.#default = { domainId: DEFAULT_DOMAIN_ID, ...fallbacks };
  }

  /** Whether the authority of a request matters. */
  get hasOthers(): boolean {
    return this.#byAuthority.size > 0;
  }

  *otherIds(): Iterable<number> {
    for (const { domainId } of this.#byAuthority.values()) yield domainId;
  }

  /** Whether links of this authority are ours. */
  has(authority: string): boolean {
    return this.#byAuthority.has(authority);
  }

  /** The domain of exactly this lower-case authority. */
  find(authority: string): Domain | undefined {
    return this.#byAuthority.get(authority);
  }

  get default(): Domain {
    return this.#default;
  }

  of(authority: string): Domain {
    return this.#byAuthority.get(authority) ?? this.#byAuthority.get(authority.toLowerCase()) ?? this.#default;
  }

  /**
   * The domain that a request is for, off the hot path. By the URL that Bun made of Host: there it is in lower case and
   * without the usual port, and missing where it was none.
   */
  ofRequest({ url }: Request): Domain {
    const { length: start } = 'http://';
    return this.hasOthers && !url.startsWith('/') ? this.of(url.slice(start, url.indexOf('/', start))) : this.#default;
  }

  /**
   * Reads all domains. A reading that began before an edit of this process would undo it, and is repeated; one that began
   * before another that is in force already is left.
   */
  async refresh(read: () => Promise<readonly DomainRow[]>): Promise<void> {
    for (;;) {
      const [reading, edits] = [++this.#readings, this.#edits];
      const rows = await read();
      if (reading < this.#inForce) return;
      if (edits !== this.#edits) continue;
      this.#inForce = reading;
      return this.replace(rows);
    }
  }

  replace(rows: readonly DomainRow[]): void {
    this.#byAuthority = new Map();
    for (const row of rows) this.#put(row);
    this.isLoaded = true;
  }

  /** What this process has just made or changed. */
  add(row: DomainRow): void {
    this.#edits++;
    this.#put(row);
  }

  #put(row: DomainRow): void {
    const domain = { domainId: row.domainId, ...this.#redirectsOf(row) };
    if (row.authority === null) this.#default = domain;
    else this.#byAuthority.set(row.authority, domain);
  }

  #redirectsOf({ baseUrl, regular404, invalidShortUrl }: NotFoundRedirects): NotFoundRedirects {
    return {
      baseUrl: baseUrl ?? this.#fallbacks.baseUrl,
      regular404: regular404 ?? this.#fallbacks.regular404,
      invalidShortUrl: invalidShortUrl ?? this.#fallbacks.invalidShortUrl,
    };
  }
}
