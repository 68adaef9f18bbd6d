const FIRST_MS = 100;
const MAX_MS = 10_000;

/** A process that has lived so long had nothing to do with the end of the one before it. */
const STABLE_MS = 10_000;

/** How long to wait before a process is started again: longer each time that it ends soon, never exactly the same. */
export class BackOff {
  #failures = 0;

  /** Ends in a row after a short life. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait after the end of a process that has lived so long. */
  next(livedMs: number, random = Math.random()): number {
    if (livedMs >= STABLE_MS) this.#failures = 0;
    const delayMs = Math.min(MAX_MS, FIRST_MS * 2 ** this.#failures++);
    // Processes that ended of the same cause are not started all at the same moment.
    return delayMs * (0.5 + 0.5 * random);
  }
}
