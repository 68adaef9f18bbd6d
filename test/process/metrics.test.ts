import { expect, test } from 'bun:test';
import { Hops } from '../support/hop-process.ts';
import { startLoad } from '../support/load.ts';
import { Scrape } from '../support/metrics.ts';
import { alertRules, dashboardExpressions, parsePromql } from '../support/observed.ts';
import { kill, type Supervised, startSupervised } from '../support/supervised.ts';
import { isAlive, until } from './fixtures/programs.ts';

async function scrape({ hop }: Pick<Supervised, 'hop'>): Promise<Scrape> {
  return new Scrape(await (await fetch(`${await hop.adminUrl()}/metrics`)).text());
}

const redirected = (scraped: Scrape) => scraped.value('hop_redirect_requests_total', { outcome: 'redirected' });

test.concurrent('a scrape adds up all processes, and has every metric that the dashboard and the alerts name', async () => {
  await using stage = await startSupervised();
  await until(async () => redirected(await scrape(stage)) === stage.asked, 10_000);
  await until(async () => (await scrape(stage)).value('hop_recorder_visits_total') === stage.asked, 10_000);
  const { metrics, names, ...scraped } = await scrape(stage);
  const scrapeOf = (name: string, labels: Record<string, string>) => new Scrape(scraped.text).value(name, labels);
  const processes = ['web', 'recorder', 'supervisor'].map((process) => scrapeOf('hop_processes', { process }));
  expect(processes).toEqual([2, 1, 1]);
  expect(metrics.length).toBe(new Set(names).size);
  const used = new Set([...dashboardExpressions(), ...alertRules().map(({ expr }) => expr)].flatMap(metricsOf));
  expect([...used].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !used.has(name)).sort()).toEqual(NOT_SHOWN);
});

/** They are for looking into a matter. */
const NOT_SHOWN = [
  'hop_build_info',
  'hop_children',
  'hop_journal_frames_total',
  'hop_journal_written_bytes_total',
  'hop_recorder_gaps_total',
];

function metricsOf(expression: string): string[] {
  return parsePromql(expression).metrics;
}

test.concurrent('no counter falls when processes are replaced or killed, and none that ends in order forgets a request', async () => {
  await using stage = await startSupervised();
  const { hop, port, path, children, asked } = stage;
  const seen = new Map<string, number>();
  const grow = async () => {
    const scraped = await scrape(stage);
    for (const [series, value] of scraped.counters()) {
      expect({ series, value: Math.max(value, seen.get(series) ?? 0) }).toEqual({ series, value });
      seen.set(series, value);
    }
    return scraped;
  };
  const load = startLoad({ port, path, clients: 4, keepAlive: true });
  const old = children('web');
  await grow();
  hop.process.kill('SIGHUP');
  // Nobody asks meanwhile: the last figures have to be told, not to have been asked for at the right moment.
  await until(() => old.every((pid) => !isAlive(pid)), 30_000);
  const { answers } = await load.stop();
  expect(redirected(await grow())).toBe(asked + answers);
  for (const role of ['web', 'recorder'] as const) {
    const before = children(role);
    kill(before);
    await until(async () => (await grow()).value('hop_child_restarts_total', { process: role }) === 1);
    await until(async () => (await grow()).value('hop_processes', { process: role }) === before.length, 10_000);
  }
  expect(redirected(await grow())).toBe(asked + answers);
});

test.concurrent('ready is who has reached the database and is not ending, and says why it is not; alive is any', async () => {
  await using stage = await startSupervised({ DRAIN_DELAY: '2000' });
  await using hops = new Hops();
  const { variables, hop } = stage;
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nothing';
  const alone = hops.start(['serve'], { ...variables, DATABASE_URL, DATA_DIR: hops.newDataDir(), PORT: '0' });
  await alone.url();
  expect(await health(await alone.adminUrl())).toEqual({
    live: [200, { status: 'alive' }],
    ready: [503, { status: 'not ready', reasons: ['no web process has reached the database yet'] }],
  });
  const url = await hop.adminUrl();
  expect(await health(url)).toMatchObject({ ready: [200, { status: 'ready' }] });
  hop.process.kill('SIGTERM');
  await until(() => hop.stderr.includes('"stopping"'));
  expect(await health(url)).toEqual({
    live: [200, { status: 'alive' }],
    ready: [503, { status: 'not ready', reasons: ['hop is ending'] }],
  });
});

async function health(url: string): Promise<Record<string, unknown>> {
  const ask = async (path: string) => {
    const answer = await fetch(url + path);
    return [answer.status, await answer.json()];
  };
  return { live: await ask('/health/live'), ready: await ask('/health/ready') };
}
