import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { AppError } from '../lib/errors.ts';

/** Where a client stands with a limit. */
export interface Standing {
  readonly limit: RateLimit;
  readonly remaining: number;
  /** It is to be refused now. */
  readonly isExceeded: boolean;
  /** Until everything is allowed again. */
  readonly resetS: number;
}

const WINDOW_S = 60;

/**
 * Clients that can be new to a limit within a window; at 600 bytes each, for two windows at most. More are not counted:
 * an attack from so many addresses cannot be told from visitors by its addresses.
 */
const MAX_NEW_CLIENTS = 20_000;

/** So many of something a minute for each client, in this process: others count for themselves. */
export class RateLimit {
  readonly #limiter: RateLimiterMemory;
  /** Clients that have used up what they had, until when; so that a look at it needs no promise. */
  readonly #exceededUntilMs = new Map<string, number>();
  #newClients = 0;
  #windowEndsAtMs = 0;

  /**
   * @param name of the policy, a token
   * @param quota 0: no limit
   */
  constructor(
    readonly name: string,
    readonly quota: number,
    private readonly maxNewClients = MAX_NEW_CLIENTS,
  ) {
    this.#limiter = new RateLimiterMemory({ points: quota, duration: WINDOW_S });
  }

  /** `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10, 3). */
  get policy(): string {
    return `"${this.name}";q=${this.quota};w=${WINDOW_S}`;
  }

  /** Counts one for this client. Undefined when nothing is limited. */
  async take(client: string): Promise<Standing | undefined> {
    if (this.quota === 0 || !this.#hasRoom()) return undefined;
    const { consumedPoints, msBeforeNext, isFirstInDuration } = await this.#limiter.penalty(client);
    if (isFirstInDuration) this.#newClients++;
    if (consumedPoints >= this.quota) this.#exceededUntilMs.set(client, performance.now() + msBeforeNext);
    const left = this.quota - consumedPoints;
    return this.#standing(left, msBeforeNext, left < 0);
  }

  /** Where a client stands that has nothing left; undefined for all others. Counts nothing. */
  exceeded(client: string): Standing | undefined {
    const untilMs = this.#exceededUntilMs.get(client);
    if (untilMs === undefined) return undefined;
    const leftMs = untilMs - performance.now();
    if (leftMs > 0) return this.#standing(0, leftMs, true);
    this.#exceededUntilMs.delete(client);
    return undefined;
  }

  /** Whether anybody may have nothing left: while nobody has, nobody needs to be looked up. */
  get isAnyExceeded(): boolean {
    return this.#exceededUntilMs.size > 0;
  }

  #standing(left: number, resetMs: number, isExceeded: boolean): Standing {
    return { limit: this, remaining: Math.max(0, left), resetS: Math.ceil(resetMs / 1000), isExceeded };
  }

  #hasRoom(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#windowEndsAtMs) this.#turn(nowMs);
    return this.#newClients < this.maxNewClients;
  }

  #turn(nowMs: number): void {
    this.#windowEndsAtMs = nowMs + WINDOW_S * 1000;
    this.#newClients = 0;
    for (const [client, untilMs] of this.#exceededUntilMs) {
      if (untilMs <= nowMs) this.#exceededUntilMs.delete(client);
    }
  }
}

/** Tells the client where it stands; one that has gone too far, also when to come back. */
export function rateLimitHeaders({ limit, remaining, resetS, isExceeded }: Standing): Record<string, string> {
  return {
    'ratelimit-policy': limit.policy,
    ratelimit: `"${limit.name}";r=${remaining};t=${resetS}`,
    ...(isExceeded && { 'retry-after': String(resetS) }),
  };
}

export function tooManyRequests({ limit, resetS }: Standing): AppError {
  return new AppError('too-many-requests', `Too many requests. Try again in ${resetS} s.`, {
    extra: { 'violated-policies': [limit.name] },
  });
}
