import { type ApiKey, isAdmin } from '../api-keys/api-key.ts';
import type { Database } from '../db/database.ts';
import { windowOf } from '../http/paging.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import type { ListSelection } from './list-filter.ts';
import { findNames } from './list-names.ts';
import type { ListFilter, ListRequest } from './list-request.ts';
import { countShortUrls, estimateShortUrls, listShortUrls } from './list-store.ts';
import { ListTotals } from './list-totals.ts';
import type { ShortUrl } from './short-url.ts';
import { visibilityOf } from './visibility.ts';

export interface ShortUrlListsOptions {
  readonly database: Database;
  /** The authority of the default domain. */
  readonly defaultDomain: string;
  /** The id of the domain that a request names; undefined when there is none. */
  readonly findDomain: (domain: string) => Promise<number | undefined>;
  /** Lists up to this length are counted exactly each time; default 100,000. */
  readonly exactUpTo?: number;
}

export interface ShortUrlPage {
  readonly shortUrls: readonly ShortUrl[];
  /** Of all pages: exact for short lists, for others as of their last count, seconds to minutes ago. */
  readonly totalItems: number;
}

const EXACT_UP_TO = 100_000;
const PATIENCE_MS = 300;

/** Lists of short URLs, as far as an API key may see them. */
export class ShortUrlLists {
  readonly #options: ShortUrlListsOptions;
  readonly #totals: ListTotals;

  constructor(options: ShortUrlListsOptions) {
    this.#options = options;
    this.#totals = new ListTotals({ exactUpTo: options.exactUpTo ?? EXACT_UP_TO, patienceMs: PATIENCE_MS });
  }

  /** Errors: `database-unavailable`. */
  async page({ filter, order, paging }: ListRequest, apiKey: ApiKey): Promise<ShortUrlPage> {
    const selection = await this.#select(filter, apiKey);
    const window = windowOf(paging);
    const [shortUrls, total] = await Promise.all([
      listShortUrls(this.#options.database, selection, order, window),
      this.#total(selection),
    ]);
    const end = window.offset + shortUrls.length;
    // What was seen is truer than what was counted at another moment.
    const isEnd = shortUrls.length > 0 && shortUrls.length < window.limit;
    return { shortUrls, totalItems: isEnd ? end : Math.max(total, shortUrls.length > 0 ? end : 0) };
  }

  async #select(filter: ListFilter, apiKey: ApiKey): Promise<ListSelection> {
    const { defaultDomain, database } = this.#options;
    const [names, domainId] = await Promise.all([findNames(database, filter), this.#domainId(filter)]);
    return {
      filter,
      names,
      domainId,
      visibility: visibilityOf(apiKey),
      // A restricted key does not learn what others made.
      isAuthorAsked: filter.apiKeyName !== undefined && (isAdmin(apiKey) || apiKey.name === filter.apiKeyName),
      isDefaultDomainSearched: defaultDomain.includes(filter.searchTerm?.toLowerCase() ?? '/'),
    };
  }

  async #domainId({ domain }: ListFilter): Promise<number | null | undefined> {
    if (domain === undefined) return undefined;
    if (domain === 'DEFAULT') return DEFAULT_DOMAIN_ID;
    return (await this.#options.findDomain(domain)) ?? null;
  }

  #total(selection: ListSelection): Promise<number> {
    const { database } = this.#options;
    return this.#totals.of(JSON.stringify(selection), {
      count: (limit) => countShortUrls(database, selection, limit),
      estimate: () => estimateShortUrls(database, selection),
    });
  }
}
