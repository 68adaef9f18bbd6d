import type { Tag } from './store.ts';

interface Waiter {
  readonly names: readonly string[];
  resolve(tagIds: number[]): void;
  reject(error: unknown): void;
}

/**
 * Ids of tags by name; missing tags are made. Who asks within the same turn of the event loop shares a statement: a
 * bulk of a thousand short URLs with tags is one.
 */
export class TagIds {
  readonly #upsert: (names: readonly string[]) => Promise<Tag[]>;
  #waiting: Waiter[] = [];

  /** @param upsert finds or makes the tags of these names, which are different from each other */
  constructor(upsert: (names: readonly string[]) => Promise<Tag[]>) {
    this.#upsert = upsert;
  }

  /** In the order of the names, which are normalised. Errors: `database-unavailable`, `overloaded`. */
  of(names: readonly string[]): Promise<number[]> {
    if (names.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
      this.#waiting.push({ names, resolve, reject });
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const tags = await this.#upsert([...new Set(waiting.flatMap(({ names }) => names))]);
      const ids = new Map(tags.map(({ name, tagId }) => [name, tagId]));
      for (const { names, resolve } of waiting) {
        resolve(names.map((name) => ids.get(name)).filter((id) => id !== undefined));
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
