import type { Database } from '../db/database.ts';
import { codeOf, SQLSTATE } from '../db/failures.ts';
import type { RuleRow } from '../redirect/rules.ts';
import type { ShortUrlKey } from '../short-urls/short-url.ts';
import type { Visibility } from '../short-urls/visibility.ts';
import { findRules, type RuledShortUrl, replaceRules } from './store.ts';

export interface RedirectRulesOptions {
  readonly database: Database;
  /** Tells the caches of this process and of the others that a short URL has changed. */
  readonly changed: (key: ShortUrlKey) => void;
}

/** Far more than can meet by chance: each round, one of them gets through. */
const MAX_TRIES = 10;

/** Rules by which a short URL leads visitors elsewhere. */
export class RedirectRules {
  readonly #options: RedirectRulesOptions;

  constructor(options: RedirectRulesOptions) {
    this.#options = options;
  }

  /** Undefined when there is no such short URL to be seen. */
  find(key: ShortUrlKey, visibility: Visibility): Promise<RuledShortUrl | undefined> {
    return findRules(this.#options.database, key, visibility);
  }

  /**
   * Replaces all rules; undefined when there is no such short URL to be seen. Acts in this process at once, in the
   * others within 2 s.
   * @param rules validated, in order of priority
   */
  async set(key: ShortUrlKey, rules: readonly RuleRow[], visibility: Visibility): Promise<RuledShortUrl | undefined> {
    const longUrl = await this.#replace(key, rules, visibility);
    if (longUrl === undefined) return undefined;
    this.#options.changed(key);
    return { longUrl, rules };
  }

  async #replace(key: ShortUrlKey, rules: readonly RuleRow[], visibility: Visibility): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await replaceRules(this.#options.database, key, rules, visibility);
      } catch (error) {
        if (tries === MAX_TRIES || codeOf(error) !== SQLSTATE.uniqueViolation) throw error;
      }
    }
  }
}
