import { join } from 'node:path';
import { type Bench, keep, ownDatabase } from './bench.ts';
import { alone, type Figure } from './figure.ts';
import { createLinks } from './links.ts';
import { freePort, stop } from './processes.ts';

const ROOT = join(import.meta.dir, '..');
const MAIN = join(ROOT, 'src/main.ts');
const POLL_MS = 1;
const TIMEOUT_MS = 30_000;
const LONG_URL = 'https://www.example.com/';

/** From the start of the process to the first redirect: from source and as the binary, on both kinds of database. */
export async function start(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { url } = await ownDatabase(bench);
  const [link] = await createLinks(url, 1_000);
  const binary = join(directory, 'hop');
  progress('building the binary');
  await build(binary);
  const external = { DATABASE_URL: url, DEFAULT_DOMAIN: 's.example.org', path: link?.shortCode ?? '' };
  const source = [process.execPath, MAIN];
  const ways = [
    { what: 'from source', command: [...source, 'serve'], ...external },
    { what: 'binary', command: [binary, 'serve'], ...external },
    { what: 'embedded, from source', command: [...source, 'start'], path: '' },
    { what: 'embedded, binary', command: [binary, 'start'], path: '' },
  ];
  const begun = ways.map((way, index) => begin(way, join(directory, `data-${index}`), cleanUp));
  const starters = await Promise.all(begun);
  progress('measuring');
  const rounds: number[][] = ways.map(() => []);
  for (let round = 0; round <= options.rounds; round++) {
    for (const [index, starter] of starters.entries()) {
      const ms = await starter();
      if (round > 0) rounds[index]?.push(ms); // the first only warms the page cache up
    }
  }
  const goal = { of: 'hop', is: '≤', value: 300 } as const;
  return ways.map(({ what, path }, index) =>
    alone({ what, unit: 'ms', goal: path === '' ? undefined : goal }, rounds[index] ?? []),
  );
}

interface Way {
  readonly command: readonly string[];
  /** Of a link that is there; empty: one is to be made. */
  readonly path: string;
}

/** Makes a link where there is none yet; what it returns starts hop, and resolves to the time to its first redirect. */
async function begin(
  { command, path, ...variables }: Way & Record<string, unknown>,
  dataDir: string,
  cleanUp: AsyncDisposableStack,
): Promise<() => Promise<number>> {
  const env = {
    ...variables,
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    ANONYMOUS_CREATE: 'true',
    DRAIN_DELAY: '0',
    LOG_LEVEL: 'warn',
  };
  const run = async (path: string) => {
    const port = await freePort();
    const startedAtMs = performance.now();
    const child = Bun.spawn(['setpriv', '--pdeathsig=TERM', '--', ...command], {
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ADMIN_PORT: '0', ...env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await keep(cleanUp, Promise.resolve({ stop: () => stop(child) }));
    return { child, origin: `http://127.0.0.1:${port}`, ms: await untilRedirecting(port, path, startedAtMs) };
  };
  const code = path || (await firstLink(run));
  return async () => {
    const { child, ms } = await run(code);
    await stop(child);
    return ms;
  };
}

type Running = { child: Bun.Subprocess; origin: string };

/** On a database that is empty: its first start is not measured. */
async function firstLink(run: (path: string) => Promise<Running>): Promise<string> {
  const { child, origin } = await run('robots.txt');
  const answer = await fetch(origin, { method: 'POST', body: JSON.stringify({ url: LONG_URL }) });
  const { shortened_url } = (await answer.json()) as { shortened_url: string };
  await stop(child);
  return new URL(shortened_url).pathname.slice(1);
}

async function untilRedirecting(port: number, path: string, startedAtMs: number): Promise<number> {
  while (performance.now() - startedAtMs < TIMEOUT_MS) {
    const status = await fetch(`http://127.0.0.1:${port}/${path}`, {
      redirect: 'manual',
      headers: { host: 's.example.org' },
    }).then(
      (answer) => answer.status,
      () => 0, // not listening yet
    );
    if (status === 302 || status === 200) return performance.now() - startedAtMs;
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`hop does not redirect /${path} within ${TIMEOUT_MS / 1000} s`);
}

async function build(file: string): Promise<void> {
  const building = Bun.spawn([process.execPath, join(ROOT, 'scripts/build.ts'), file], { stdout: 'ignore' });
  if ((await building.exited) !== 0) throw new Error('the binary could not be built');
}
