interface Kept {
  readonly count: Promise<number>;
  /** Infinite while it is being counted. */
  keepUntilMs: number;
}

/** What takes less is counted each time. */
const CHEAP_MS = 20;
/** How much longer a count is kept than it took: counting costs at most 1 % of a core. */
const KEEP_PER_COST = 100;
const MAX_ENTRIES = 200;

/** Counts that no rollup has ready. The more one costs, the longer it is kept; who asks meanwhile shares it. */
export class KeptCounts {
  readonly #kept = new Map<string, Kept>();

  /** @param key names what is counted */
  of(key: string, count: () => Promise<number>): Promise<number> {
    const known = this.#kept.get(key);
    if (known !== undefined && known.keepUntilMs > performance.now()) return known.count;
    return this.#count(key, count);
  }

  #count(key: string, count: () => Promise<number>): Promise<number> {
    const startedAtMs = performance.now();
    const kept: Kept = { count: count(), keepUntilMs: Number.POSITIVE_INFINITY };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    this.#dropOldest();
    const done = (isCounted: boolean) => {
      const tookMs = performance.now() - startedAtMs;
      if (!isCounted || tookMs < CHEAP_MS) this.#forget(key, kept);
      else kept.keepUntilMs = performance.now() + KEEP_PER_COST * tookMs;
    };
    kept.count.then(
      () => done(true),
      () => done(false),
    );
    return kept.count;
  }

  #forget(key: string, kept: Kept): void {
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
  }

  #dropOldest(): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_ENTRIES && oldest !== undefined) this.#kept.delete(oldest);
  }
}
