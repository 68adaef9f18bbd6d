import type { Link } from './link.ts';
import type { LimitGrant, LimitRequest } from './store.ts';

export type TakeRedirects = (requests: readonly LimitRequest[]) => Promise<LimitGrant[]>;

/** `outdated`: this short URL has no limit any more, or is another one by now; the link is to be loaded anew. */
export type Admission = 'granted' | 'used-up' | 'outdated';

interface Asking {
  readonly link: Link;
  readonly waiters: { resolve(admission: Admission): void; reject(error: unknown): void }[];
}

/**
 * The gate of links with maxVisits: each redirect is one taken from the database before it is served, exactly, whatever
 * the number of processes. Who asks within the same turn of the event loop, for whichever link, shares a statement.
 */
export class LimitGate {
  readonly #take: TakeRedirects;
  #asking = new Map<number, Asking>();

  constructor(take: TakeRedirects) {
    this.#take = take;
  }

  /** Whether this redirect may be served. Rejects when the database cannot say. */
  enter(link: Link): Promise<Admission> {
    return new Promise((resolve, reject) => {
      if (this.#asking.size === 0) setImmediate(() => void this.#flush());
      const asking = this.#asking.get(link.shortUrlId) ?? { link, waiters: [] };
      asking.waiters.push({ resolve, reject });
      this.#asking.set(link.shortUrlId, asking);
    });
  }

  async #flush(): Promise<void> {
    const asked = [...this.#asking.values()];
    this.#asking = new Map();
    try {
      const grants = await this.#take(asked.map(toRequest));
      const granted = new Map(grants.map((grant) => [grant.shortUrlId, grant.granted]));
      for (const { link, waiters } of asked) {
        const count = granted.get(link.shortUrlId);
        for (const [index, waiter] of waiters.entries()) waiter.resolve(admission(index, count));
      }
    } catch (error) {
      for (const waiter of asked.flatMap((asking) => asking.waiters)) waiter.reject(error);
    }
  }
}

/** Limits that are used up answer 0, so where there is no answer there is no limit. */
function admission(index: number, granted: number | undefined): Admission {
  if (granted === undefined) return 'outdated';
  return index < granted ? 'granted' : 'used-up';
}

function toRequest({ link, waiters }: Asking): LimitRequest {
  const { domainId, shortCode, shortUrlId } = link;
  return { domainId, shortCode, shortUrlId, wanted: waiters.length };
}
