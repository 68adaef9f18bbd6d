import { expect, setDefaultTimeout, test } from 'bun:test';
import { spread } from '../../bench/statistics.ts';
import { until } from '../process/fixtures/programs.ts';
import { countOfAll } from '../support/counted.ts';
import { Crowd } from '../support/crowd.ts';
import { printFigures } from '../support/figures.ts';
import { handlesOf, rssMiB } from '../support/proc.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';
import { hasWrk, runWrk, type WrkFigures } from '../support/wrk.ts';

// More than a process can serve, and clients that are there without asking for much. Load comes from wrk, whose one thread
// asks several times as fast as a web process answers, so that it is hop that is at its limit. It asks again when it is
// answered: there is no offering twice what is served, only many more clients than are needed to have it all.

const OVERLOAD_S = Number(process.env.FAULT_LOAD_S || 60);
/** Of wrk at the limit of a process, and many times as many. */
const [ENOUGH, FAR_TOO_MANY] = [64, 1_000];
const IDLE = 10_000;
const ONE_PROCESS = { WEB_CONCURRENCY: '1', RATE_LIMIT_UNKNOWN_CODES: '0' };

setDefaultTimeout(OVERLOAD_S * 1_000 + 240_000);

test.skipIf(!hasWrk)(
  'far more clients than a process can serve wait in a fair queue, and are forgotten at once',
  async () => {
    await using stage = await startSupervised(ONE_PROCESS);
    const { port, path, sql, asked } = stage;
    const ask = (connections: number, seconds: number) => runWrk({ port, path, connections, seconds });
    const [one, enough] = [await ask(1, 2), await ask(ENOUGH, 5)];
    const early = ask(FAR_TOO_MANY, OVERLOAD_S);
    await Bun.sleep(OVERLOAD_S * 250);
    const before = memoryOf(stage);
    const overload = await early;
    const after = memoryOf(stage);
    const recovered = await ask(1, 1);
    const answers = [one, enough, overload, recovered].reduce((sum, { requests }) => sum + requests, asked);
    // Requests that wrk gave up at its end are answered and counted too.
    await until(async () => (await countOfAll(sql)) >= answers, 180_000);
    const visits = await countOfAll(sql);
    const fairMs = (FAR_TOO_MANY / overload.perSecond) * 1_000;
    printFigures(`${FAR_TOO_MANY} clients for ${OVERLOAD_S} s`, {
      ...{ capacity: enough.perSecond, perSecond: overload.perSecond, p50Ms: overload.p50Ms, p99Ms: overload.p99Ms },
      ...{ fairMs, aloneP99Ms: one.p99Ms, recoveredP99Ms: recovered.p99Ms, visits, answers, grownMiB: after - before },
    });
    expect([overload.failures, recovered.failures]).toEqual([0, 0]);
    // Nobody waits for more than some turns of all the others.
    expect(overload.p99Ms).toBeLessThan(4 * fairMs);
    expect(overload.perSecond).toBeGreaterThan(enough.perSecond / 2);
    expect(after - before).toBeLessThan(64);
    // A queue that had not gone would take longer than a second, and so would its requests.
    expect(recovered.p99Ms).toBeLessThan(Math.max(20, 10 * one.p99Ms));
    expect(visits).toBeLessThanOrEqual(answers + ENOUGH + FAR_TOO_MANY + 2);
  },
);

test.skipIf(!hasWrk)(`${IDLE.toLocaleString('en')} idle connections hold nobody up, not even the end`, async () => {
  await using stage = await startSupervised({ ...ONE_PROCESS, DRAIN_DELAY: '300' });
  const { port, path, hop } = stage;
  const alone = await runWrk({ port, path, connections: 8, seconds: 5 });
  using crowd = new Crowd();
  const before = memoryOf(stage);
  await crowd.idle(port, IDLE, path);
  const grownMiB = memoryOf(stage) - before;
  const beside = await runWrk({ port, path, connections: 8, seconds: 5 });
  expect(crowd.open).toBe(IDLE);
  const toldAtMs = performance.now();
  hop.process.kill('SIGTERM');
  const { code } = await hop.ended();
  const endedMs = performance.now() - toldAtMs;
  printFigures(`${IDLE} idle connections`, { grownMiB, ...comparison(alone, beside), endedMs });
  expect([code, beside.failures]).toEqual([0, 0]);
  expect(beside.p99Ms).toBeLessThan(Math.max(10, 3 * alone.p99Ms));
  expect(grownMiB).toBeLessThan(312); // 32 KiB each, beside what the kernel has for them
});

test.skipIf(!hasWrk)('clients of a byte a second hold nobody up, and leave nothing', async () => {
  await using stage = await startSupervised(ONE_PROCESS);
  const { port, path } = stage;
  const alone = await runWrk({ port, path, connections: 8, seconds: 5 });
  const before = handles(stage);
  using crowd = new Crowd();
  await crowd.slowWriters(port, 300, '', `GET ${path} HTTP/1.1\r\nHost: s.example\r\nX-Slow: ${'a'.repeat(600)}`);
  const post = 'POST / HTTP/1.1\r\nHost: s.example\r\nContent-Length: 10000\r\n\r\n';
  await crowd.slowWriters(port, 300, post, 'a'.repeat(9_000));
  await crowd.slowReaders(port, 300, '/rest/docs/swagger-ui.js');
  const most = crowd.open;
  const beside = await runWrk({ port, path, connections: 8, seconds: 20 });
  const memoryMiB = memoryOf(stage);
  printFigures('900 slow clients', { ...comparison(alone, beside), memoryMiB, most, closedByHop: crowd.closed });
  expect(beside.failures).toBe(0);
  expect(beside.p99Ms).toBeLessThan(Math.max(10, 3 * alone.p99Ms));
  expect(most).toBe(900);
  expect(crowd.closed).toBeGreaterThanOrEqual(300); // heads that take longer than 12 s
  crowd[Symbol.dispose]();
  await until(() => handles(stage) <= before + 8);
});

test.skipIf(!hasWrk)('a scan at full speed raises the p99 of known codes to twice what it is at most', async () => {
  await using stage = await startSupervised({ RATE_LIMIT_UNKNOWN_CODES: '0' });
  const { port, path } = stage;
  const windows = { known: [] as number[], scan: [] as number[], alone: [] as number[] };
  for (let round = 0; round < 5; round++) {
    windows.alone.push((await runWrk({ port, path, connections: 4, seconds: 3 })).p99Ms);
    for (const [name, others] of [
      ['known', path],
      ['scan', 'random'],
    ] as const) {
      const beside = runWrk({ port, path: others, connections: 16, seconds: 4 });
      await Bun.sleep(500);
      windows[name].push((await runWrk({ port, path, connections: 4, seconds: 3 })).p99Ms);
      await beside;
    }
  }
  const [alone, known, scan] = [spread(windows.alone), spread(windows.known), spread(windows.scan)];
  const p99Ms = { alone: alone.median, besideKnown: known.median, besideScan: scan.median };
  printFigures('p99 of known codes in ms', p99Ms);
  expect(p99Ms.besideScan).toBeLessThan(2 * p99Ms.alone);
  expect(p99Ms.besideScan).toBeLessThan(2 * p99Ms.besideKnown);
});

function comparison(alone: WrkFigures, beside: WrkFigures): Record<string, number> {
  return {
    aloneP99Ms: alone.p99Ms,
    besideP99Ms: beside.p99Ms,
    alonePerSecond: alone.perSecond,
    perSecond: beside.perSecond,
  };
}

function memoryOf({ children }: Supervised): number {
  return rssMiB(children('web')[0] ?? 0);
}

function handles({ children }: Supervised): number {
  return handlesOf(children('web')[0] ?? 0);
}
