import { Histogram } from '../observability/metrics/histogram.ts';
import type { RedirectHandler } from './handler.ts';

/** One request in 16 is timed: reading the clock twice costs 90 ns, which this makes 6 a request. A power of two. */
const SAMPLING = 16;

/** From a hit, some microseconds, to the longest that a lookup may be waited for. */
const BOUNDS_S = [5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export function createRedirectLatency(): Histogram {
  return new Histogram(BOUNDS_S);
}

/** The same handler with its latency measured, in seconds: its own work, and its wait for the database if there is one. */
export function timed(redirect: RedirectHandler, latency: Histogram): RedirectHandler {
  let count = 0;
  return (request) => ((count++ & (SAMPLING - 1)) === 0 ? sample(request) : redirect(request));

  function sample(request: Request): ReturnType<RedirectHandler> {
    const begunAtMs = performance.now();
    const observe = () => latency.observe((performance.now() - begunAtMs) / 1000);
    const answer = redirect(request);
    if (answer instanceof Promise) void answer.then(observe, observe);
    else if (answer !== undefined) observe();
    return answer;
  }
}
