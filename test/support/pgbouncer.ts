import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../process/fixtures/programs.ts';
import { startProxy, upstreamOf } from './proxy.ts';
import { freePort, listens } from './supervised.ts';

const PGBOUNCER = Bun.which('pgbouncer', { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` });

export const hasPgBouncer = PGBOUNCER !== null;

/** For a test that is skipped without it. */
export const NO_PGBOUNCER = 'PgBouncer is not tested: there is none (Debian: apt-get install pgbouncer)';

export interface PgBouncer extends AsyncDisposable {
  /** Of the database by way of it. */
  readonly url: string;
}

/** In transaction mode before a database, to which it has so many connections. */
export async function startPgBouncer(databaseUrl: string, connections: number): Promise<PgBouncer> {
  await using stack = new AsyncDisposableStack();
  // It is run as somebody who cannot reach the socket of the run's server.
  const proxy = stack.use(await startProxy(upstreamOf(databaseUrl)));
  const folder = await mkdtemp(join(tmpdir(), 'hop-pgbouncer-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, configuration(databaseUrl, { port, server: proxy.port, connections }));
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const command = ['setpriv', ...user, '--pdeathsig=TERM', PGBOUNCER ?? '', '--quiet', file];
  const program = Bun.spawn(command, { stdio: ['ignore', 'ignore', 'inherit'] });
  stack.defer(async () => {
    program.kill('SIGTERM');
    await program.exited;
  });
  await until(async () => program.exitCode !== null || (await listens(port)));
  if (program.exitCode !== null) throw new Error(`pgbouncer ended with ${program.exitCode}`);
  const kept = stack.move();
  return { url: `postgres://hop@127.0.0.1:${port}/hop`, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Ports {
  readonly port: number;
  readonly server: number;
  readonly connections: number;
}

function configuration(databaseUrl: string, { port, server, connections }: Ports): string {
  const { pathname, username, password } = new URL(databaseUrl);
  const secret = password === '' ? '' : ` password=${decodeURIComponent(password)}`;
  return `
[databases]
hop = host=127.0.0.1 port=${server} dbname=${pathname.slice(1)} user=${decodeURIComponent(username)}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
`;
}
