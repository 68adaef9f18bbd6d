import { expect, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { countedByPath, countOfAll, once } from '../support/counted.ts';
import { printFigures } from '../support/figures.ts';
import { startLoad } from '../support/load.ts';
import { Scrape } from '../support/metrics.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';

const SCAN_S = Number(process.env.FAULT_SCAN_S || 20);
const WEB_PROCESSES = 2;
/** Of a process, a second; some of what two processes answer to 16 clients even on a slow machine. */
const BUDGET = 50;

test(
  `random codes at full speed for ${SCAN_S} s: orphan visits keep to their budget, visits of short URLs are complete`,
  async () => {
    const settings = { RATE_LIMIT_UNKNOWN_CODES: '0', ORPHAN_VISITS_PER_SECOND: String(BUDGET) };
    await using stage = await startSupervised(settings);
    const { port, path, asked, sql } = stage;
    const beganAtMs = performance.now();
    const known = startLoad({ port, path, clients: 4, keepAlive: true });
    const scan = startLoad({ port, path: randomPath, clients: 16, keepAlive: true });
    await Bun.sleep(SCAN_S * 1_000);
    const [redirects, unknown] = await Promise.all([known.stop(), scan.stop()]);
    const tookS = (performance.now() - beganAtMs) / 1_000;
    const none = { lost: 0, lostInQueue: 0, refused: 0, errors: 0 };
    expect([redirects, unknown]).toMatchObject([none, none]);
    const visits = asked + redirects.answers;
    await until(async () => (await countOfAll(sql)) >= visits);
    await until(async () => (await orphansOf(stage)).all >= unknown.answers).catch(() => {}); // said better below
    const orphans = await orphansOf(stage);
    printFigures(`scan of ${SCAN_S} s`, { visits, ...orphans, storedPerSecond: orphans.stored / tookS });
    // In full, each process has its budget at the start and once more in each second.
    expect(orphans.stored).toBeWithin(1, WEB_PROCESSES * BUDGET * (tookS + 2));
    expect(orphans).toMatchObject({ all: unknown.answers, counted: orphans.stored, inMetrics: orphans.dropped });
    expect(orphans.dropped).toBeGreaterThan(0);
    expect(await countedByPath(sql)).toEqual(once({ [path]: visits }));
  },
  SCAN_S * 1_000 + 240_000,
);

function randomPath(): string {
  return `/${Math.random().toString(36).slice(2, 10).padEnd(8, 'x')}`;
}

/** Orphan visits that are stored, counted and dropped: as the journals say, and the metrics. */
async function orphansOf({ sql, hop }: Supervised) {
  const [row] = await sql<{ stored: number; counted: number; dropped: number }[]>`
    select (select count(*)::int from orphan_visits) as stored,
      (select coalesce(sum(non_bots + bots), 0)::int from visit_totals where scope = 'orphan') as counted,
      (select coalesce(sum(dropped_orphans), 0)::int from journals) as dropped`;
  const { stored = 0, counted = 0, dropped = 0 } = row ?? {};
  const metrics = new Scrape(await (await fetch(`${await hop.adminUrl()}/metrics`)).text());
  const inMetrics = metrics.value('hop_journal_dropped_total', { kind: 'orphan_visit' });
  return { stored, counted, dropped, inMetrics, all: stored + dropped };
}
