/** How many rows a list has. */
export interface Counting {
  /** Exactly, but not beyond `limit`. */
  readonly count: (limit?: number) => Promise<number>;
  readonly estimate: () => Promise<number>;
}

export interface ListTotalsOptions {
  /** Lists up to this length are counted each time. */
  readonly exactUpTo: number;
  /** How long a request waits for the first full count of a longer list before it takes an estimate. */
  readonly patienceMs: number;
}

interface Entry {
  readonly total: number;
  readonly takenAtMs: number;
  readonly tookMs: number;
}

/** A full count is kept at least so long, and beyond that 100 × what it took: counting costs at most 1 % of a core. */
const MIN_AGE_MS = 5_000;
const AGE_PER_COST = 100;
/** Lists whose totals are kept; the least recently counted one goes first. */
const MAX_ENTRIES = 200;

/**
 * The totals of lists. Counting a long list takes as long as reading it, so longer ones are counted now and then, by
 * whichever process is asked for them, and hardly ever in the way of a request. A total kept in the database instead
 * would have to be changed by every create, all waiting for its one row, or be put together by a trigger; and it would
 * be right for the list of everything only, not for that of a domain, an API key or a tag.
 */
export class ListTotals {
  readonly #options: ListTotalsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Full counts under way; undefined when they fail. */
  readonly #counting = new Map<string, Promise<number | undefined>>();

  constructor(options: ListTotalsOptions) {
    this.#options = options;
  }

  /** @param key names the list */
  async of(key: string, counting: Counting): Promise<number> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (isStale(known)) void this.#countAll(key, counting);
      return known.total;
    }
    const { exactUpTo, patienceMs } = this.#options;
    const counted = await counting.count(exactUpTo + 1);
    if (counted <= exactUpTo) return counted;
    const all = await within(this.#countAll(key, counting), patienceMs);
    return all ?? Math.max(counted, await counting.estimate());
  }

  #countAll(key: string, counting: Counting): Promise<number | undefined> {
    const underWay = this.#counting.get(key);
    if (underWay !== undefined) return underWay;
    const started = this.#count(key, counting)
      .catch(() => undefined)
      .finally(() => this.#counting.delete(key));
    this.#counting.set(key, started);
    return started;
  }

  async #count(key: string, { count }: Counting): Promise<number> {
    const startedAtMs = performance.now();
    const total = await count();
    const takenAtMs = performance.now();
    this.#entries.delete(key);
    // What has become short is counted each time again.
    if (total > this.#options.exactUpTo) this.#entries.set(key, { total, takenAtMs, tookMs: takenAtMs - startedAtMs });
    this.#dropOldest();
    return total;
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function isStale({ takenAtMs, tookMs }: Entry): boolean {
  return performance.now() - takenAtMs > Math.max(MIN_AGE_MS, AGE_PER_COST * tookMs);
}

/** What is there after at most `timeoutMs`. */
async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
