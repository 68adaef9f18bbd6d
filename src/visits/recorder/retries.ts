import { backOffMs } from '../../lib/back-off.ts';

/** The database is back at most this long before visits move again. */
const LIMITS = { firstMs: 50, longestMs: 800 };

/** Tries that failed in a row, and how long to wait before the next. */
export class Retries {
  #failures = 0;

  /** Whether the last one had failed. */
  succeeded(): boolean {
    const hadFailed = this.#failures > 0;
    this.#failures = 0;
    return hadFailed;
  }

  /** Whether it is the first in a row. */
  failed(): boolean {
    return ++this.#failures === 1;
  }

  /** After a failure. */
  get delayMs(): number {
    return backOffMs(this.#failures, LIMITS);
  }
}
