import { Histogram } from '../observability/metrics/histogram.ts';

const LATENCY_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What the API answers, and how long that takes. */
export class ApiCounters {
  /** Answers by status. */
  readonly answers: Record<string, number> = {};
  /** Requests that were too many, by the name of the limit. */
  readonly refused: Record<string, number> = {};
  readonly latency = new Histogram(LATENCY_BOUNDS_S);

  refuse(limit: string): void {
    this.refused[limit] = (this.refused[limit] ?? 0) + 1;
  }

  /** Stays synchronous where the answer is: Bun closes connections that pipeline behind a pending one. */
  watch(answer: Response | Promise<Response>, begunAtMs: number): Response | Promise<Response> {
    if (answer instanceof Promise) return answer.then((response) => this.#count(response, begunAtMs));
    return this.#count(answer, begunAtMs);
  }

  #count(response: Response, begunAtMs: number): Response {
    this.answers[response.status] = (this.answers[response.status] ?? 0) + 1;
    this.latency.observe((performance.now() - begunAtMs) / 1000);
    return response;
  }
}
