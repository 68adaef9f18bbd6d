import { backOffMs } from '../lib/back-off.ts';

const LIMITS = { firstMs: 100, longestMs: 10_000 };

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
    return backOffMs(++this.#failures, LIMITS, random);
  }
}
