import { expect, test } from 'bun:test';
import { migrate } from '../../src/db/migrate.ts';
import { createLogger } from '../../src/observability/log.ts';
import { type OwnServer, startOwnServer } from '../fault/own-server.ts';
import { faultRounds, printFigures } from '../support/figures.ts';
import { type Hop, Hops } from '../support/hop-process.ts';
import { seededRandom } from '../support/random.ts';
import { connect } from '../support/sql.ts';
import { childrenOf, freePort } from '../support/supervised.ts';
import { Creators } from './fixtures/creators.ts';
import { until } from './fixtures/programs.ts';

const ROUNDS = faultRounds(3, 120);
const CLIENTS = 8;
const API_KEY = 'a-key-for-this-test';

test(
  'creates that were acknowledged survive kill -9 of web, supervisor and PostgreSQL, and happen once each',
  async () => {
    await using server = await startOwnServer();
    await migrate({ databaseUrl: server.databaseUrl, log: createLogger('warn') });
    await using hops = new Hops();
    const stage = await startStage(server, hops);
    const creators = new Creators(CLIENTS, { url: stage.url, apiKey: API_KEY });
    await sufferKills(stage, creators);
    await creators.stop();
    printFigures('durable creates', { rounds: ROUNDS, sent: creators.sent, acknowledged: creators.codes.size });
    expect(creators.wrong).toEqual([]);
    await expectAllStored(server, creators);
    await stage.hop.url();
    await expectAllServed(stage.url, creators);
  },
  ROUNDS * 10_000 + 60_000,
);

interface Stage {
  readonly server: OwnServer;
  readonly url: string;
  hop: Hop;
  readonly start: () => Hop;
}

async function startStage(server: OwnServer, hops: Hops): Promise<Stage> {
  const port = await freePort();
  const variables = {
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: hops.newDataDir(),
    DEFAULT_DOMAIN: 's.example',
    HOST: '127.0.0.1',
    PORT: String(port),
    WEB_CONCURRENCY: '2',
    INITIAL_API_KEY: API_KEY,
  };
  const start = () => hops.start(['serve'], variables);
  return { server, url: `http://127.0.0.1:${port}`, hop: start(), start };
}

/** Kills them in turn, each at a random moment of its life, also while it is still starting. */
async function sufferKills(stage: Stage, creators: Creators): Promise<void> {
  const random = seededRandom(ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = creators.codes.size;
    if (round < VICTIMS.length || random(4) > 0) await until(() => creators.codes.size > acknowledged + 10, 60_000);
    await Bun.sleep(random(200));
    await VICTIMS[round % VICTIMS.length]?.(stage, random);
  }
}

const VICTIMS: readonly ((stage: Stage, random: (below: number) => number) => unknown)[] = [
  ({ hop }, random) => {
    const webs = childrenOf(hop.process.pid, 'web');
    const victim = webs[random(Math.max(1, webs.length))];
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
  },
  async ({ server }) => {
    await server.crash();
    await server.start();
  },
  (stage) => {
    stage.hop.process.kill('SIGKILL');
    stage.hop = stage.start();
  },
];

/** No code leads to anything else than what was acknowledged, and nothing was created twice. */
async function expectAllStored(server: OwnServer, { codes }: Creators): Promise<void> {
  await using sql = connect(server.databaseUrl);
  const rows = await sql<{ code: string; longUrl: string }[]>`
    select short_code as code, long_url as "longUrl" from short_urls`;
  const stored = new Map(rows.map(({ code, longUrl }) => [longUrl, code]));
  expect(stored.size).toBe(rows.length);
  expect(codes.size).toBeGreaterThan(10 * VICTIMS.length);
  expect([...codes].filter(([longUrl, code]) => stored.get(longUrl) !== code)).toEqual([]);
}

async function expectAllServed(url: string, { codes }: Creators): Promise<void> {
  const wrong: string[] = [];
  const left = [...codes];
  const visitor = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { status, headers } = await fetch(`${url}/${next[1]}`, { redirect: 'manual' });
      // The last to be killed may still be starting.
      if (status === 503) left.push(next);
      else if (headers.get('location') !== next[0]) wrong.push(`${next}: ${status} ${headers.get('location')}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, visitor));
  expect(wrong).toEqual([]);
}
