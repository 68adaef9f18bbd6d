import { expect, test } from 'bun:test';
import { startOwnServer } from '../fault/own-server.ts';
import { until } from '../process/fixtures/programs.ts';
import { countedByPath, countOfAll, once } from '../support/counted.ts';
import { printFigures } from '../support/figures.ts';
import { type LoadFigures, startLoad } from '../support/load.ts';
import { connect } from '../support/sql.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';

const OUTAGE_S = Number(process.env.FAULT_OUTAGE_S || 60);
const LINKS = 8;
const CATCH_UP_MS = 300_000;

test(
  `a database that is away for ${OUTAGE_S} s under load costs no redirect of a known link, and no visit`,
  async () => {
    await using server = await startOwnServer();
    await using stage = await startSupervised({ DATABASE_URL: server.databaseUrl });
    const loads = await startLoads(stage);
    const answersSoFar = () => sum(loads.map(({ figures }) => figures.answers)) + stage.asked;
    await server.stop();
    const before = answersSoFar();
    await Bun.sleep(OUTAGE_S * 1_000);
    const waiting = answersSoFar() - before;
    await server.start();
    const backAtMs = performance.now();
    await using sql = connect(server.databaseUrl);
    const due = answersSoFar();
    await until(async () => (await countOfAll(sql)) >= due, CATCH_UP_MS);
    const catchUpMs = performance.now() - backAtMs;
    const visits = { [stage.path]: stage.asked, ...(await stopped(loads)) };
    await until(async () => (await countOfAll(sql)) >= sum(Object.values(visits)), CATCH_UP_MS);
    await Bun.sleep(1_000); // what is counted twice would be by now
    printFigures(`database away for ${OUTAGE_S} s`, { waiting, catchUpMs, visits: sum(Object.values(visits)) });
    expect(waiting).toBeGreaterThan(OUTAGE_S * 100);
    expect(await countedByPath(sql)).toEqual(once(visits));
  },
  OUTAGE_S * 1_000 + 2 * CATCH_UP_MS + 60_000,
);

interface LinkLoad {
  readonly path: string;
  readonly figures: LoadFigures;
  stop(): Promise<LoadFigures>;
}

/** A client for each link, whose connection stays with a process that has the link in memory. */
async function startLoads({ url, port }: Supervised): Promise<LinkLoad[]> {
  const loads = await Promise.all(
    Array.from({ length: LINKS }, async (_, index): Promise<LinkLoad> => {
      const body = JSON.stringify({ url: `https://example.com/${index}` });
      const { headers } = await fetch(url, { method: 'POST', body });
      const path = new URL(headers.get('location') ?? '').pathname;
      return { path, ...startLoad({ port, path, clients: 1, keepAlive: true }) };
    }),
  );
  await until(() => loads.every(({ figures }) => figures.answers > 100));
  return loads;
}

/** How often each path was answered; no request may have failed. */
async function stopped(loads: readonly LinkLoad[]): Promise<Record<string, number>> {
  const entries = loads.map(async ({ path, stop }) => {
    const { answers, ...failures } = await stop();
    expect({ path, ...failures }).toEqual({ path, lost: 0, lostInQueue: 0, refused: 0, errors: 0 });
    return [path, answers] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
