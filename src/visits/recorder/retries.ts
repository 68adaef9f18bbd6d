/** After a failure; doubled with each further one. The database is back at most this long before visits move again. */
const DELAY_MS = { first: 50, longest: 800 };

/** Whether the last try failed, and how long to wait before the next. */
export class Retries {
  #isFailing = false;
  #delayMs = DELAY_MS.first;

  /** Whether it had failed before. */
  succeeded(): boolean {
    const hasFailed = this.#isFailing;
    this.#isFailing = false;
    this.#delayMs = DELAY_MS.first;
    return hasFailed;
  }

  /** Whether it had not failed before. */
  failed(): boolean {
    const isNew = !this.#isFailing;
    this.#isFailing = true;
    return isNew;
  }

  /** Up to half of it by chance, so that not all who wait come back together. */
  delayMs(): number {
    const delayMs = this.#delayMs * (0.5 + Math.random() / 2);
    this.#delayMs = Math.min(DELAY_MS.longest, this.#delayMs * 2);
    return delayMs;
  }
}
