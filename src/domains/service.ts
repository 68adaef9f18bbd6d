import { type ApiKey, roleOf } from '../api-keys/api-key.ts';
import type { Database } from '../db/database.ts';
import { AppError } from '../lib/errors.ts';
import type { DomainDirectory, DomainRow } from '../redirect/domains.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import { visibilityOf } from '../short-urls/visibility.ts';
import { listDomains, setRedirects } from './list-store.ts';
import type { RedirectsEdition } from './request.ts';
import { findDomainId, upsertDomain } from './store.ts';

export interface DomainServiceOptions {
  readonly database: Database;
  readonly directory: DomainDirectory;
  /** Hints to the other processes that the domains changed. */
  readonly notify: () => void;
}

/** Ids of domains by authority; null is the default one. */
export class DomainService {
  readonly #options: DomainServiceOptions;
  /** Domains being made, so that a bulk for a new one makes it once. */
  readonly #making = new Map<string, Promise<number>>();

  constructor(options: DomainServiceOptions) {
    this.#options = options;
  }

  /** Undefined when there is no such domain. Asks the database what this process does not know: it may be new. */
  async find(authority: string | null): Promise<number | undefined> {
    const { database, directory } = this.#options;
    if (authority === null) return DEFAULT_DOMAIN_ID;
    return directory.find(authority)?.domainId ?? (await findDomainId(database, authority));
  }

  /** Makes the domain if there is none. This process answers under it at once, the others within 2 s. */
  async ensure(authority: string | null): Promise<number> {
    if (authority === null) return DEFAULT_DOMAIN_ID;
    const known = this.#options.directory.find(authority)?.domainId ?? this.#making.get(authority);
    if (known !== undefined) return known;
    const making = this.#make(authority).finally(() => this.#making.delete(authority));
    this.#making.set(authority, making);
    return making;
  }

  /** Those that an API key sees: first the default one, then the others that are in use or have redirects, by name. */
  list(apiKey: ApiKey): Promise<DomainRow[]> {
    return listDomains(this.#options.database, visibilityOf(apiKey));
  }

  /**
   * Sets where visitors of a domain go who hit no short URL; the domain is made if there is none. Acts in this process
   * at once, in the others within 2 s. Errors: `domain-not-found` for a domain that the key has no say in.
   * @param asked the domain as the request names it
   */
  async setRedirects(edition: RedirectsEdition, apiKey: ApiKey, asked: string): Promise<DomainRow> {
    if (!isInCharge(apiKey, edition.authority)) throw domainNotFound(asked);
    const { database, directory, notify } = this.#options;
    const domain = await setRedirects(database, edition.authority, edition);
    directory.add(domain);
    notify();
    return domain;
  }

  async #make(authority: string): Promise<number> {
    const { database, directory, notify } = this.#options;
    const domain = await upsertDomain(database, authority);
    directory.add(domain);
    notify();
    return domain.domainId;
  }
}

/** Redirects of a domain are for all of its visitors: authors have no say in them, a domain's key in its own. */
function isInCharge(apiKey: ApiKey, authority: string | null): boolean {
  if (roleOf(apiKey, 'AUTHORED_SHORT_URLS') !== undefined) return false;
  const own = roleOf(apiKey, 'DOMAIN_SPECIFIC');
  return own === undefined || own.authority === authority;
}

export function domainNotFound(authority: string): AppError {
  return new AppError('domain-not-found', `Domain with authority "${authority}" could not be found`, {
    extra: { authority },
  });
}
