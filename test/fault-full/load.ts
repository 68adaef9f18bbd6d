import { expect, setDefaultTimeout, test } from 'bun:test';
import { spread } from '../../bench/statistics.ts';
import { until } from '../process/fixtures/programs.ts';
import { offer } from '../support/arrivals.ts';
import { countOfAll } from '../support/counted.ts';
import { Crowd } from '../support/crowd.ts';
import { printFigures } from '../support/figures.ts';
import { startLoad } from '../support/load.ts';
import { handlesOf, rssMiB } from '../support/proc.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';
import { hasWrk, runWrk, type WrkFigures } from '../support/wrk.ts';

// More than a process can serve, and clients that are there without asking for much. wrk asks again when it is answered: it
// has many more clients than are needed to take all that a process serves, but cannot offer more than that. `offer` can.

const OVERLOAD_S = Number(process.env.FAULT_LOAD_S || 60);
/** Of wrk at the limit of a process, and many times as many. */
const [ENOUGH, FAR_TOO_MANY] = [64, 1_000];
/** Connections for twice what is served: of a proxy, and of visitors, more of whom the generator could not keep apart. */
const TWICE = { 'connections of a proxy': 1_000, 'a connection for each request': 2_000 };
const IDLE = 10_000;
const MAX_FILES = 200;
const hasPrlimit = Bun.which('prlimit') !== null;
/** A second. */
const MORE_THAN_ANY = 40_000;
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

test.each(Object.entries(TWICE))(
  'twice what a process can serve, over %s: it serves what it can, soon, and is itself again at once',
  async (over, connections) => {
    await using stage = await startSupervised(ONE_PROCESS);
    const { port, path, sql } = stage;
    const keepAlive = over === 'connections of a proxy';
    const ask = (perSecond: number, seconds: number, at: number) =>
      offer({ port, path, perSecond, seconds, connections: at, keepAlive });
    const early = await ask(500, 3, ENOUGH);
    const most = await ask(MORE_THAN_ANY, 5, ENOUGH);
    const before = memoryOf(stage);
    const offered = 2 * most.answeredPerSecond;
    const overload = await ask(offered, OVERLOAD_S, connections);
    const after = memoryOf(stage);
    const recovered = await ask(500, 3, ENOUGH);
    const answers = [early, most, overload, recovered].reduce((sum, { answered }) => sum + answered, stage.asked);
    await until(async () => (await countOfAll(sql)) >= answers, 180_000);
    const visits = await countOfAll(sql);
    printFigures(`twice what a process can serve for ${OVERLOAD_S} s, over ${over}`, {
      capacity: most.answeredPerSecond,
      offeredPerSecond: offered,
      ...overload,
      earlyP99Ms: early.p99Ms,
      recoveredP99Ms: recovered.p99Ms,
      grownMiB: after - before,
      visits,
      answers,
    });
    expect(overload.offered).toBeGreaterThan(1.99 * most.answeredPerSecond * OVERLOAD_S);
    expect([overload.broken, overload.others, recovered.gaveUp, recovered.broken]).toEqual([0, 0, 0, 0]);
    expect(overload.answeredPerSecond).toBeGreaterThan(most.answeredPerSecond / 2);
    // Some turns of all the others; more of them where each has to be accepted first.
    expect(overload.acceptedP99Ms).toBeLessThan(8_000 * (connections / most.answeredPerSecond));
    expect(after - before).toBeLessThan(64);
    expect(recovered.p99Ms).toBeLessThan(Math.max(20, 10 * early.p99Ms));
    expect(visits).toBeLessThanOrEqual(answers + overload.gaveUp);
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

test.skipIf(!hasPrlimit)(
  'whoever has a connection is served when files run out, and others as soon as there are some',
  async () => {
    await using stage = await startSupervised(ONE_PROCESS);
    const { port, path, sql } = stage;
    using early = new Crowd();
    const [web = 0] = stage.children('web');
    const kept = startLoad({ port, path, clients: 8, keepAlive: true });
    await until(() => kept.figures.answers > 100);
    limitFiles(web);
    void early.idle(port, 2 * MAX_FILES, path); // never resolves: those that have no connection wait for it
    await until(() => handlesOf(web) >= MAX_FILES);
    const atLimit = kept.figures.answers;
    await Bun.sleep(10_000);
    const served = kept.figures.answers - atLimit;
    const late = startLoad({ port, path, clients: 1, keepAlive: true });
    await Bun.sleep(1_000);
    expect(late.figures.answers).toBe(0);
    early[Symbol.dispose]();
    const freedAtMs = performance.now();
    await until(() => late.figures.answers > 0);
    const backMs = performance.now() - freedAtMs;
    const all = [await kept.stop(), await late.stop()];
    printFigures(`${MAX_FILES} files`, { served, backMs });
    expect(served).toBeGreaterThan(1_000);
    expect(all.map(({ lost, errors }) => lost + errors)).toEqual([0, 0]);
    const answers = all.reduce((sum, figures) => sum + figures.answers, stage.asked);
    await until(async () => (await countOfAll(sql)) >= answers, 60_000);
    await until(() => handlesOf(web) < MAX_FILES / 2);
  },
);

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

/** From now on, as `ulimit -n` would from its start. */
function limitFiles(pid: number): void {
  Bun.spawnSync(['prlimit', `--pid=${pid}`, `--nofile=${MAX_FILES}:${MAX_FILES}`]);
}

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
