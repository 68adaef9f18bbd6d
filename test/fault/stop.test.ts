import { expect, test } from 'bun:test';
import type { ProxyMode } from '../support/proxy.ts';
import { type Stage, setStage, terminateBackends } from './stage.ts';

/** Creates under way may take their timeout, then `stop` waits 2 s for what else is under way. */
const STOP_MAX_MS = 5_500 + 2_500;

for (const mode of ['forward', 'refuse', 'swallow', 'close'] satisfies ProxyMode[]) {
  test.concurrent(`a busy process that is stopped ends by itself when connections ${mode}`, async () => {
    await using stage = await setStage();
    const web = await startWebProcess(stage);
    await stage.proxy.become(mode);
    await Bun.sleep(300);
    expect(await web.stop()).toBe(0);
  });
}

test.concurrent('no error of a connection is left uncaught', async () => {
  await using stage = await setStage();
  const web = await startWebProcess(stage);
  for (const mode of ['close', 'forward', 'reset', 'forward', 'refuse', 'forward', 'swallow', 'forward'] as const) {
    await stage.proxy.become(mode);
    await Bun.sleep(400);
    stage.proxy.resetAll();
    await terminateBackends(stage);
  }
  await Bun.sleep(400);
  expect(await web.stop()).toBe(0);
});

/** hop in a process of its own: `bun test` would count an uncaught error as one, but not end by it. */
async function startWebProcess({ url }: Stage) {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/fixtures/web.ts`, url], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  await child.stdout.getReader().read();
  return {
    /** Its exit code. */
    async stop(): Promise<number> {
      const toldAtMs = performance.now();
      child.stdin.write('stop\n');
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const exitCode = await child.exited;
      clearTimeout(late);
      if (process.env.HOP_FAULT_FIGURES) console.log('ended after', performance.now() - toldAtMs);
      expect(performance.now() - toldAtMs).toBeLessThan(STOP_MAX_MS);
      return exitCode;
    },
  };
}
