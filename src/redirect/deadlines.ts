/** Somebody who waits; settled once, by the answer or by the deadline. */
export interface Waiter<T> {
  settle(outcome: T): void;
}

class Entry<T> implements Waiter<T> {
  next: Entry<T> | undefined;
  #settle: ((outcome: T) => void) | undefined;

  constructor(
    readonly expiresAtMs: number,
    settle: (outcome: T) => void,
  ) {
    this.#settle = settle;
  }

  get isSettled(): boolean {
    return this.#settle === undefined;
  }

  settle(outcome: T): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}

/**
 * One deadline length for all who wait: they expire in the order in which they came, so a list and a single timer do,
 * instead of a timer for each.
 */
export class Deadlines<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param expired makes the outcome of those who waited `lengthMs` in vain. */
  constructor(
    private readonly lengthMs: number,
    private readonly expired: () => T,
  ) {}

  add(settle: (outcome: T) => void): Waiter<T> {
    const entry = new Entry(performance.now() + this.lengthMs, settle);
    this.#dropSettled();
    if (this.#last === undefined || this.#first === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#timer ??= setTimeout(() => this.#sweep(), this.lengthMs);
    return entry;
  }

  /** Ends every wait at once. */
  close(): void {
    clearTimeout(this.#timer);
    for (let entry = this.#first; entry !== undefined; entry = entry.next) entry.settle(this.expired());
    this.#first = this.#last = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let entry = this.#first; entry !== undefined && entry.expiresAtMs <= nowMs; entry = entry.next) {
      entry.settle(this.expired());
    }
    this.#dropSettled();
    if (this.#first === undefined) return;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, this.#first.expiresAtMs - nowMs));
  }

  #dropSettled(): void {
    while (this.#first?.isSettled) this.#first = this.#first.next;
    if (this.#first === undefined) this.#last = undefined;
  }
}
