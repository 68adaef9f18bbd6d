/** Half of the longest time that an unknown code is remembered: the bound of what another process's create waits for. */
const HALF_LIFE_MS = 500;

/**
 * Codes that do not exist, remembered for half a second to a second in two generations, apart from the links, so that
 * a scan cannot push links out. Bounded: beyond `maxEntries` a generation forgets early.
 */
export class UnknownCodes {
  readonly #maxPerGeneration: number;
  #young = new Set<string>();
  #old = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(maxEntries: number) {
    this.#maxPerGeneration = Math.max(1, maxEntries >> 1);
    this.#timer = setInterval(() => this.#turn(), HALF_LIFE_MS);
    this.#timer.unref();
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  add(key: string): void {
    if (this.#young.size >= this.#maxPerGeneration) this.#turn();
    this.#young.add(key);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    if (this.#young.size === 0 && this.#old.size === 0) return;
    this.#old = this.#young;
    this.#young = new Set();
  }
}
