import { isRefusedData } from '../db/failures.ts';
import { AppError } from '../lib/errors.ts';
import { asCreated, type NewShortUrl, type ShortUrl } from './short-url.ts';
import type { InsertedRow } from './store.ts';

export interface CreateQueueOptions {
  /** Inserts a batch with all keys different; rows left out clashed. */
  readonly insert: (batch: readonly NewShortUrl[]) => Promise<InsertedRow[]>;
  readonly maxQueue: number;
}

/** Either the created short URL, or undefined when its key is taken. */
export type CreateResult = ShortUrl | undefined;

interface Create {
  readonly item: NewShortUrl;
  readonly queuedAtMs: number;
  resolve(result: CreateResult): void;
  reject(error: unknown): void;
}

/** Rows of one insert: beyond this a longer statement gains nothing (39k/s by 16, 70k/s by 64) and costs latency. */
const MAX_BATCH = 500;
/** Two, so that one is on its way while the other commits; more would only make the batches smaller. */
const MAX_IN_FLIGHT = 2;
/** Who waited longer behind slow statements is refused, so that nobody waits for two write timeouts. */
const MAX_WAIT_MS = 1_000;

/**
 * Group commit: creates that come while others are being inserted share the next statement. Every caller gets a
 * result of its own, after the commit. Equal keys in a batch are settled here: the first is inserted; if it wins, the
 * others have clashed, else the next one tries.
 */
export class CreateQueue {
  readonly #options: CreateQueueOptions;
  #queue: Create[] = [];
  #inFlight = 0;
  #isFlushScheduled = false;

  constructor(options: CreateQueueOptions) {
    this.#options = options;
  }

  /** Creates that wait for a statement. */
  get length(): number {
    return this.#queue.length;
  }

  /** Undefined when the key is taken. Errors: `overloaded`, `database-unavailable`, what the database said of this row. */
  add(item: NewShortUrl): Promise<CreateResult> {
    if (this.#queue.length >= this.#options.maxQueue) {
      return Promise.reject(overloaded());
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, queuedAtMs: performance.now(), resolve, reject });
      this.#scheduleFlush();
    });
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled || this.#inFlight >= MAX_IN_FLIGHT) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      while (this.#queue.length > 0 && this.#inFlight < MAX_IN_FLIGHT) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#inFlight++;
    const batch = this.#nextBatch();
    try {
      if (batch.length > 0) await this.#insertFirstOfEach([...groupByKey(batch).values()]);
    } finally {
      this.#inFlight--;
      this.#scheduleFlush();
    }
  }

  /** The head of the queue, after those who waited too long, who are refused. */
  #nextBatch(): Create[] {
    const queuedSinceMs = performance.now() - MAX_WAIT_MS;
    const inTime = this.#queue.findIndex(({ queuedAtMs }) => queuedAtMs >= queuedSinceMs);
    for (const create of this.#queue.splice(0, inTime === -1 ? this.#queue.length : inTime))
      create.reject(overloaded());
    return this.#queue.splice(0, MAX_BATCH);
  }

  async #insertFirstOfEach(groups: readonly Create[][]): Promise<void> {
    const firsts = groups.map((group) => group[0]).filter((create) => create !== undefined);
    try {
      const rows = await this.#options.insert(firsts.map((create) => create.item));
      const rowsById = new Map(rows.map((row) => [row.createId, row]));
      for (const group of groups) settle(group, rowsById);
    } catch (error) {
      await this.#recover(groups, error);
    }
  }

  /** A row that cannot be stored fails the whole statement: one by one, it fails alone. */
  async #recover(groups: readonly Create[][], error: unknown): Promise<void> {
    // The database is away, not the row at fault.
    if (error instanceof AppError) {
      for (const create of groups.flat()) create.reject(error);
      return;
    }
    const [only] = groups;
    if (groups.length > 1) return this.#oneByOne(groups);
    only?.shift()?.reject(isRefusedData(error) ? unstorable(error) : error);
    if (only !== undefined && only.length > 0) await this.#insertFirstOfEach([only]);
  }

  async #oneByOne(groups: readonly Create[][]): Promise<void> {
    for (const group of groups) await this.#insertFirstOfEach([group]);
  }
}

function groupByKey(creates: readonly Create[]): Map<string, Create[]> {
  return Map.groupBy(creates, ({ item }) => `${item.domainId}\0${item.shortCode}`);
}

/** The first got the key or lost it to somebody else; either way it is taken for the others. */
function settle(group: readonly Create[], rowsById: ReadonlyMap<string, InsertedRow>): void {
  const [first, ...others] = group;
  const row = first && rowsById.get(first.item.createId);
  first?.resolve(row && asCreated(first.item, row));
  for (const other of others) other.resolve(undefined);
}

function unstorable(cause: unknown): AppError {
  return new AppError('invalid-data', 'Provided data is not valid', { cause, extra: { invalidElements: [] } });
}

function overloaded(): AppError {
  return new AppError('overloaded', 'Too many short URLs are being created. Try again soon.');
}
