import { connect } from 'node:net';
import { until } from '../process/fixtures/programs.ts';
import { createTestDatabase } from './database.ts';
import { type Hop, Hops } from './hop-process.ts';
import { connect as connectTo } from './sql.ts';

/** `hop serve` on a database and a folder of its own. */
export interface Supervised extends AsyncDisposable {
  readonly hops: Hops;
  readonly hop: Hop;
  readonly url: string;
  readonly port: number;
  readonly variables: Record<string, string>;
  /** The path of a short URL that both web processes have in memory. */
  readonly path: string;
  /** How often that was asked for so far. */
  readonly asked: number;
  readonly sql: ReturnType<typeof connectTo>;
  children(role: 'web' | 'recorder'): number[];
}

/** With two web processes, unless WEB_CONCURRENCY says otherwise. `reach`: the URL by which hop reaches the database. */
export async function startSupervised(
  more: Record<string, string> = {},
  reach = (databaseUrl: string) => databaseUrl,
): Promise<Supervised> {
  await using stack = new AsyncDisposableStack();
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  const sql = stack.use(connectTo(database.url));
  const hops = stack.use(new Hops());
  const variables = {
    DATABASE_URL: reach(database.url),
    DATA_DIR: hops.newDataDir(),
    DEFAULT_DOMAIN: 's.example',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    WEB_CONCURRENCY: '2',
    DRAIN_DELAY: '300',
    ANONYMOUS_CREATE: 'true',
    ...more,
  };
  const hop = hops.start(['serve'], variables);
  const url = await hop.url();
  const children = (role: string) => childrenOf(hop.process.pid, role);
  await until(() => children('web').length === Number(variables.WEB_CONCURRENCY) && children('recorder').length === 1);
  const { path, asked } = await createCached(url);
  const kept = stack.move();
  return {
    ...{ hops, hop, url, port: Number(new URL(url).port), variables, path, asked, sql, children },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function createCached(url: string): Promise<{ path: string; asked: number }> {
  let path = '';
  await until(async () => {
    const answer = await fetch(url, { method: 'POST', body: '{"url":"https://example.com/x"}' });
    path = answer.status === 201 ? new URL(answer.headers.get('location') ?? '').pathname : '';
    return path !== '';
  });
  let [seen, asked] = [0, 0];
  await until(async () => {
    // A connection each time, so that both processes are met.
    const { status } = await fetch(url + path, { redirect: 'manual', keepalive: false });
    seen = status === 302 ? seen + 1 : 0;
    asked += Number(status === 302);
    return seen >= 10;
  });
  return { path, asked };
}

export function childrenOf(pid: number, role: string): number[] {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'pid=,stat=,args=', '--ppid', String(pid)]);
  return stdout
    .toString()
    .split('\n')
    .filter((line) => new RegExp(` ${role}( --|$)`).test(line) && !/^\s*\d+\s+Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

/** Kills the first of these processes with -9, and tells which. To the system 0 would be this process and all of its group. */
export function kill([pid]: readonly number[]): number {
  if (pid === undefined) throw new Error('there is no such process at the moment');
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  const { port = 0 } = server;
  await server.stop(true);
  return port;
}

/** Whether somebody listens. */
export function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
