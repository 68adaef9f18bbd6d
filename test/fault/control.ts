import { setStage } from './stage.ts';
import { Traffic } from './traffic.ts';

/**
 * A hop whose database is well, asked in the same process and at the same moments as those with a fault. What is slow
 * there too is the doing of a machine that has much else to do, and tells nothing about the fault.
 */
export interface Control extends AsyncDisposable {
  /** The slowest of the requests that were under way between two moments. */
  worstMs(fromMs: number, toMs: number): number;
}

export async function startControl(): Promise<Control> {
  await using stack = new AsyncDisposableStack();
  // A lookup that the machine makes late is to be seen as late, not as a 503.
  const { web } = stack.use(await setStage({ environment: { LOOKUP_DEADLINE_MS: '10000' } }));
  const traffic = new Traffic(web);
  stack.defer(() => traffic.stop());
  const kept = stack.move();
  return {
    worstMs: (fromMs, toMs) => worstMs(traffic, fromMs, toMs),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function worstMs({ samples }: Traffic, fromMs: number, toMs: number): number {
  let worst = 0;
  for (const { startedAtMs, answer } of samples) {
    if (answer instanceof Error || startedAtMs > toMs || startedAtMs + answer.ms < fromMs) continue;
    worst = Math.max(worst, answer.ms);
  }
  return worst;
}
