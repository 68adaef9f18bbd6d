import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../src/db/failures.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Hop, Hops } from '../support/hop-process.ts';
import { childrenOf, kill } from '../support/supervised.ts';
import { readJournals } from '../support/visits.ts';
import { until } from './fixtures/programs.ts';

const hops = new Hops();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await hops[Symbol.asyncDispose]();
  await database.drop();
});

function variables(dataDir: string): Record<string, string> {
  return {
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PORT: '0',
    DEFAULT_DOMAIN: 's.example',
    ANONYMOUS_CREATE: 'true',
    // So that what one request has met is what all meet: a second process may not have reached the database yet.
    WEB_CONCURRENCY: '1',
  };
}

/** A process that serves, and the URL of a short URL that it has in memory. */
async function serve(hop: Hop): Promise<string> {
  const url = await hop.url();
  await until(async () => (await fetch(`${url}/nobody`)).status === 404);
  const created = () => fetch(url, { method: 'POST', body: '{"url":"https://example.com/"}' });
  const answer = await created();
  const link = url + new URL(answer.headers.get('location') ?? '').pathname;
  expect((await fetch(`${link}?nostat`, { method: 'HEAD', redirect: 'manual' })).status).toBe(302);
  return link;
}

/** Clients that ask one after another until the server is gone or enough have been answered. */
class Load {
  static readonly CLIENTS = 16;
  readonly done: Promise<unknown>;
  answered = 0;
  readonly statuses = new Set<number>();

  constructor(
    private readonly link: string,
    private readonly options: { readonly count?: number; readonly headers?: Record<string, string> } = {},
  ) {
    this.done = Promise.all(Array.from({ length: Load.CLIENTS }, () => this.#ask()));
  }

  async #ask(): Promise<void> {
    const { count = Infinity, headers = {} } = this.options;
    for (let asked = 0; asked < count / Load.CLIENTS; asked++) {
      const answer = await fetch(this.link, { redirect: 'manual', headers }).catch(() => undefined);
      if (answer === undefined) return;
      this.statuses.add(answer.status);
      this.answered++;
    }
  }
}

/** Visits of short URLs in the journals of this DATA_DIR, and what was dropped. */
function journaled(dataDir: string) {
  const { visits, dropped, damagedBytes } = readJournals(join(dataDir, 'journal'));
  return { visits: visits.filter(({ kind }) => kind === 'short_url').length, dropped, damagedBytes };
}

describe.concurrent('visits', () => {
  test('are all written when the process is told to end under load', async () => {
    const dataDir = hops.newDataDir();
    const hop = hops.start(['serve'], variables(dataDir));
    const load = new Load(await serve(hop));
    await until(() => load.answered > 500);
    hop.process.kill('SIGTERM');
    expect(await hop.ended()).toMatchObject({ code: 0 });
    await load.done;
    const { visits, damagedBytes } = journaled(dataDir);
    expect(damagedBytes).toBe(0);
    // A request may have been answered without the answer having arrived.
    expect(visits).toBeWithin(load.answered, load.answered + Load.CLIENTS + 1);
  });

  test('are those of the last milliseconds at most that a kill -9 loses', async () => {
    const dataDir = hops.newDataDir();
    const hop = hops.start(['serve'], variables(dataDir));
    const link = await serve(hop);
    const first = new Load(link, { count: 320 });
    await first.done;
    await until(() => journaled(dataDir).visits === 320);
    const second = new Load(link);
    await until(() => second.answered > 300);
    // What was answered a while ago is on the disk by now, whatever ends next.
    const answered = 320 + second.answered;
    await until(() => journaled(dataDir).visits >= answered);
    const web = childrenOf(hop.process.pid, 'web');
    hop.process.kill('SIGKILL'); // first, or it would start another one
    kill(web);
    await second.done;
    const total = 320 + second.answered + Load.CLIENTS;
    expect(journaled(dataDir).visits).toBeWithin(answered, total + 1);
  });

  test('go to the disk as JOURNAL_SYNC says', async () => {
    if (Bun.which('strace') === null) return console.warn('  skipped: strace is not installed');
    const syncs = Object.fromEntries(
      await Promise.all(['off', 'interval', 'batch'].map(async (mode) => [mode, await countSyncs(mode)] as const)),
    );
    expect(syncs.off).toBe(0);
    // At least one while it ran; and not one for each of the writes, as with `batch`.
    expect(syncs.interval).toBeWithin(1, 20);
    expect(syncs.batch).toBeGreaterThanOrEqual(20);
  });

  test('cost no redirect when the disk is full; they are dropped, counted, and recorded again when it is not', async () => {
    const dataDir = hops.newDataDir();
    mkdirSync(dataDir);
    const mount = `mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"`;
    const command = ['unshare', '--mount', 'sh', '-c', mount, dataDir, process.execPath, MAIN, 'serve'];
    if (!canMount()) return console.warn('  skipped: mounting a tmpfs takes root');
    const hop = hops.run(command, variables(dataDir));
    const link = await serve(hop);
    const inside = `/proc/${hop.process.pid}/root${dataDir}`;
    const filler = join(inside, 'filler');
    fill(filler);
    // Some 8 kB each: more than what a process holds back while it cannot write.
    const text = 'x'.repeat(3_000);
    const load = new Load(`${link}?${text}`, { count: 4_800, headers: { 'user-agent': text, referer: text } });
    await load.done;
    expect([load.answered, [...load.statuses]]).toEqual([4_800, [302]]);
    unlinkSync(filler);
    const total = () => journaled(inside).visits + journaled(inside).dropped;
    await until(() => total() === 4_800);
    const { visits, dropped } = journaled(inside);
    expect([visits > 0, dropped > 0]).toEqual([true, true]);
    const after = new Load(link, { count: 160 });
    await after.done;
    await until(() => journaled(inside).visits === visits + 160);
    hop.process.kill('SIGTERM');
    expect((await hop.ended()).code).toBe(0);
  });

  test('that could not be written keep hop from starting, with a word about where', async () => {
    const dataDir = hops.newDataDir();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'journal'), 'a file');
    const { code, stderr } = await hops.start(['serve'], variables(dataDir)).ended();
    expect(code).toBe(1);
    expect(stderr).toContain(`The folder ${join(dataDir, 'journal')} cannot be written to (`);
    expect(stderr).toContain('set DATA_DIR');
    expect(stderr).not.toContain(' at ');
  });
});

const MAIN = join(import.meta.dir, '../../src/main.ts');

function canMount(): boolean {
  return process.getuid?.() === 0 && Bun.spawnSync(['unshare', '--mount', 'true']).exitCode === 0;
}

/** Takes all room of the file system that it is in, beside others who write there. */
function fill(path: string): void {
  const { bavail, bsize } = statfsSync(join(path, '..'));
  try {
    writeFileSync(path, Buffer.alloc(bavail * bsize));
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC') throw error; // then it is full as well
  }
}

/** How often the process forces the journal to the disk while 40 visits come one after another, some milliseconds apart. */
async function countSyncs(mode: string): Promise<number> {
  const dataDir = hops.newDataDir();
  const log = `${dataDir}.strace`;
  const strace = ['strace', '-D', '-f', '-qq', '-e', 'trace=fdatasync', '-o', log];
  const hop = hops.run([...strace, process.execPath, MAIN, 'serve'], { ...variables(dataDir), JOURNAL_SYNC: mode });
  const link = await serve(hop);
  for (let i = 1; i <= 40; i++) {
    await fetch(link, { redirect: 'manual' });
    await until(() => journaled(dataDir).visits === i);
  }
  const syncs = async () => (await Bun.file(log).text()).split('fdatasync(').length - 1;
  if (mode === 'interval') await until(async () => (await syncs()) > 0);
  const counted = await syncs();
  hop.process.kill('SIGKILL');
  return counted;
}
