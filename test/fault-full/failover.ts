import { expect, test } from 'bun:test';
import { findPrimary } from '../../src/db/primary.ts';
import { Creators } from '../process/fixtures/creators.ts';
import { until } from '../process/fixtures/programs.ts';
import { faultRounds, printFigures } from '../support/figures.ts';
import { startLoad } from '../support/load.ts';
import { type Cluster, hasPatroni, startPatroni } from '../support/patroni.ts';
import { connect } from '../support/sql.ts';
import { startSupervised } from '../support/supervised.ts';

const ROUNDS = faultRounds(10);
const API_KEY = 'a-key-for-this-test';

// Without Patroni, test/fault/servers.test.ts shows a failover to a standby that is promoted by hand.
test.skipIf(!hasPatroni())(
  'kill -9 of the primary under load: no redirect fails, nothing acknowledged is lost, creates are back in 2 s',
  async () => {
    await using cluster = await startPatroni();
    await using stage = await startSupervised({ DATABASE_URL: cluster.databaseUrl, INITIAL_API_KEY: API_KEY });
    const { hop, port, path, url } = stage;
    const creators = new Creators(4, { url, apiKey: API_KEY });
    const load = startLoad({ port, path, clients: 2, keepAlive: true });
    await until(() => creators.codes.size > 20, 20_000);
    const back: number[] = [];
    for (let round = 0; round < ROUNDS; round++) back.push(await failOver(cluster, creators));
    const redirects = await load.stop();
    await creators.stop();
    hop.process.kill('SIGTERM');
    await hop.ended();
    const { lostLinks, visits } = await compare(cluster, creators);
    const lostVisits = stage.asked + redirects.answers - visits;
    const { lost, lostInQueue, refused, errors, answers } = redirects;
    const failed = lost + lostInQueue + refused + errors;
    const figures = { rounds: ROUNDS, answers, failed, acknowledged: creators.codes.size, lostLinks, lostVisits };
    const refusedByStandby = (await cluster.logs()).split('in a read-only transaction').length - 1;
    printFigures('failover', { ...figures, refusedByStandby, createsBackMs: Math.max(...back) });
    expect(creators.wrong).toEqual([]);
    expect({ failed, lostLinks, lostVisits }).toEqual({ failed: 0, lostLinks: 0, lostVisits: 0 });
    expect(Math.max(...back)).toBeLessThan(2_000);
  },
  ROUNDS * 60_000 + 120_000,
);

/** Milliseconds from the new primary to the first create that it acknowledged. */
async function failOver(cluster: Cluster, { codes }: Creators): Promise<number> {
  await cluster.healed();
  (await cluster.primary()).kill();
  await cluster.primary();
  const [promotedAtMs, acknowledged] = [performance.now(), codes.size];
  await until(() => codes.size > acknowledged, 30_000);
  return performance.now() - promotedAtMs;
}

async function compare(cluster: Cluster, { codes }: Creators): Promise<{ lostLinks: number; visits: number }> {
  await using sql = connect(await findPrimary(cluster.databaseUrl, 2_000));
  const rows = await sql<{ code: string; longUrl: string }[]>`
    select short_code as code, long_url as "longUrl" from short_urls`;
  const stored = new Map(rows.map(({ code, longUrl }) => [longUrl, code]));
  const lostLinks = [...codes].filter(([longUrl, code]) => stored.get(longUrl) !== code).length;
  const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visits`;
  return { lostLinks, visits: row?.visits ?? 0 };
}
