import { expect, setDefaultTimeout, test } from 'bun:test';
import { isAlive, until } from '../process/fixtures/programs.ts';
import { faultRounds, printFigures } from '../support/figures.ts';
import { type LoadFigures, startLoad } from '../support/load.ts';
import { kill, startSupervised } from '../support/supervised.ts';

// Ending and replacing under load, many times over.

const ROUNDS = faultRounds(20);
const CLIENTS = 16;
/** A process that ends before it has lived for 10 s is started again with a longer and longer delay. */
const LONG_ENOUGH_MS = 11_000;

setDefaultTimeout(ROUNDS * (LONG_ENOUGH_MS + 4_000) + 30_000);

for (const keepAlive of [true, false]) {
  const title = `SIGHUP again and again, with ${keepAlive ? 'kept connections' : 'a connection for each request'}`;
  test(title, async () => {
    const figures = await replaced(keepAlive);
    printFigures(`${title}, ${ROUNDS} times`, { ...figures });
    // New connections can wait in the queue of a listener that closes, where tcp_migrate_req is 0.
    expect(figures).toMatchObject({ lost: 0, refused: 0, errors: 0 });
  });
}

test('SIGTERM again and again loses no request on a kept connection, and no visit', async () => {
  const figures = await ended();
  printFigures(`SIGTERM, ${ROUNDS} times`, figures);
  expect(figures).toMatchObject({ lost: 0, errors: 0, missing: 0 });
});

test('processes killed again and again are back, while the others serve', async () => {
  const figures = await killed();
  printFigures(`kill -9, ${ROUNDS} times`, figures);
  expect(figures.errors).toBe(0);
  expect(Math.max(figures.webMs ?? 0, figures.recorderMs ?? 0)).toBeLessThan(10_000);
});

/** SIGHUP, again and again, under one load. */
async function replaced(keepAlive: boolean): Promise<LoadFigures> {
  await using stage = await startSupervised();
  const { hop, port, path, children } = stage;
  const load = startLoad({ port, path, clients: CLIENTS, keepAlive });
  for (let round = 0; round < ROUNDS; round++) {
    const old = children('web');
    hop.process.kill('SIGHUP');
    await until(() => old.every((pid) => !isAlive(pid)), 30_000);
  }
  return await load.stop();
}

/** What was lost, and whether the journals were recorded to the last visit. */
async function ended(): Promise<Record<string, number>> {
  const sum = { answers: 0, lost: 0, errors: 0, missing: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    await using stage = await startSupervised();
    const { hop, port, path, asked, sql } = stage;
    const load = startLoad({ port, path, clients: CLIENTS, keepAlive: true });
    await until(() => load.figures.answers > 1_000, 20_000);
    hop.process.kill('SIGTERM');
    await hop.ended();
    const { answers, lost, errors } = await load.stop();
    const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visits`;
    sum.answers += answers;
    sum.lost += lost;
    sum.errors += errors;
    sum.missing += asked + answers - (row?.visits ?? 0);
  }
  return sum;
}

/** Milliseconds until there is another process, by role, and requests that failed meanwhile. */
async function killed(): Promise<Record<string, number>> {
  await using stage = await startSupervised();
  const { port, path, children } = stage;
  const load = startLoad({ port, path, clients: CLIENTS, keepAlive: true });
  const slowestMs = { web: 0, recorder: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const role of ['web', 'recorder'] as const) {
      const before = children(role);
      const victim = kill(before);
      const killedAtMs = performance.now();
      await until(() => children(role).length === before.length && !children(role).includes(victim), 30_000);
      slowestMs[role] = Math.max(slowestMs[role], Math.round(performance.now() - killedAtMs));
    }
    await Bun.sleep(LONG_ENOUGH_MS);
  }
  const { answers, lost, refused, errors } = await load.stop();
  return { answers, lost, refused, errors, webMs: slowestMs.web, recorderMs: slowestMs.recorder };
}
