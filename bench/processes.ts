import { createServer } from 'node:net';
import type { Subprocess } from 'bun';

/** The serving process has a core of its own; wrk has the other, and PostgreSQL with it. */
export const CORES = { server: 0, load: 1 } as const;

/** Ends by SIGTERM, at the latest by SIGKILL after this. */
const STOP_TIMEOUT_MS = 5_000;

export interface PinnedOptions {
  readonly core: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdout?: 'pipe' | 'inherit' | 'ignore';
}

/** Starts a command on one core; the kernel ends it when this process dies, however that happens. */
export function startPinned(command: readonly string[], { core, env = {}, stdout = 'ignore' }: PinnedOptions) {
  return Bun.spawn(['setpriv', '--pdeathsig=TERM', '--', 'taskset', '-c', String(core), ...command], {
    env: { ...process.env, ...env },
    stdin: 'ignore',
    stdout,
    stderr: 'inherit',
  });
}

/** Moves a running process to one core, and with it all children that it starts from now on. */
export async function pin(pid: number, core: number): Promise<void> {
  const exitCode = await Bun.spawn(['taskset', '-c', '-p', String(core), String(pid)], { stdout: 'ignore' }).exited;
  if (exitCode !== 0) throw new Error(`cannot pin process ${pid} to core ${core}`);
}

export async function stop(child: Subprocess): Promise<void> {
  child.kill('SIGTERM');
  const escalation = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await child.exited;
  clearTimeout(escalation);
}

/** A port of the loopback interface that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
