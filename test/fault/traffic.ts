import type { Answer, TestWeb } from '../support/web.ts';
import { WARM_LINKS } from './stage.ts';

export type Kind = 'warm' | 'cold' | 'create';

/** A request and how it ended. */
export interface Sample {
  readonly kind: Kind;
  /** What was asked for: a short code, or the long URL of a create. */
  readonly subject: string;
  readonly startedAtMs: number;
  readonly answer: Answer | Error;
}

const INTERVALS_MS: Readonly<Record<Kind, number>> = { warm: 10, cold: 20, create: 40 };
const GOOD: Readonly<Record<Kind, number>> = { warm: 302, cold: 302, create: 201 };

/** Visitors and creators, who come at their own pace whatever hop does: nobody waits for the one before. */
export class Traffic {
  readonly samples: Sample[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #timers: ReturnType<typeof setInterval>[];
  #count = 0;

  constructor(private readonly web: TestWeb) {
    const kinds: Kind[] = ['warm', 'cold', 'create'];
    this.#timers = kinds.map((kind) => setInterval(() => this.#send(kind), INTERVALS_MS[kind]));
  }

  /** Resolves once no request sent in the last `quietMs` has failed, or after `maxMs`. */
  async calm(quietMs: number, maxMs: number): Promise<void> {
    const beganAtMs = performance.now();
    let badAtMs = beganAtMs;
    let seen = this.samples.length;
    while (performance.now() < Math.min(badAtMs + quietMs, beganAtMs + maxMs)) {
      await Bun.sleep(20);
      for (; seen < this.samples.length; seen++) {
        const sample = this.samples[seen];
        if (sample !== undefined && isBad(sample)) badAtMs = Math.max(badAtMs, sample.startedAtMs);
      }
    }
  }

  /** No more requests; resolves with the last answer. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #send(kind: Kind): void {
    const number = this.#count++;
    const subject =
      kind === 'create'
        ? `https://example.com/n/${number}`
        : `${kind}${kind === 'warm' ? number % WARM_LINKS : number}`;
    const startedAtMs = performance.now();
    const answer = kind === 'create' ? this.web.create(subject) : this.web.get(`/${subject}`);
    const sent = answer
      .catch((error: Error) => error)
      .then((ended) => void this.samples.push({ kind, subject, startedAtMs, answer: ended }))
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }
}

/** Whether it did not get what it came for. */
export function isBad({ kind, answer }: Sample): boolean {
  return answer instanceof Error || answer.status !== GOOD[kind];
}
