import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessInfo, readProcess } from '../../lib/lifecycle/processes.ts';
import type { Logger } from '../../observability/log.ts';
import { EmbeddedDatabaseError } from './error.ts';

/** On the command line of every server of ours, to tell it from one that somebody started by hand. */
export const MARK = 'cluster_name=hop';

const PID_FILE = 'postmaster.pid';
const SOCKET_LOCK = '.s.PGSQL.5432.lock';

/** What a server says of itself in `postmaster.pid` (PostgreSQL's pidfile.h): line 1 the pid, line 8 the status. */
export function readPidFile(directory: string): { pid: number; ready: boolean } | undefined {
  const file = join(directory, PID_FILE);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Makes way for a new server. The caller holds the lock of DATA_DIR, so a server of ours that still runs has lost its
 * hop: it is ended. One that somebody started by hand is left alone.
 * @throws EmbeddedDatabaseError when a server keeps running
 */
export async function clearTheWay(directory: string, log: Logger): Promise<void> {
  const pid = readPidFile(directory)?.pid;
  if (pid === undefined) return;
  const running = await runningServer(pid, directory);
  if (running) {
    refuseForeign(running, directory);
    log.warn('ending the database server of a hop that is gone', { pid });
    await endLeftover(running);
  }
  // PostgreSQL takes any process with that pid for a server: a zombie, or a stranger that got the pid later.
  rmSync(join(directory, PID_FILE), { force: true });
  rmSync(join(directory, SOCKET_LOCK), { force: true });
}

async function runningServer(pid: number, directory: string): Promise<ProcessInfo | undefined> {
  const info = await readProcess(pid);
  if (info === undefined || info.zombie || info.name !== 'postgres') return undefined;
  return worksIn(pid, directory) ? info : undefined;
}

/** A server's working directory is its data directory. */
function worksIn(pid: number, directory: string): boolean {
  if (process.platform !== 'linux') return true; // cannot tell: be careful
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/cwd`), statSync(directory)];
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false; // another user's process: it could not even enter our directory
  }
}

function refuseForeign({ pid, command }: ProcessInfo, directory: string): void {
  if (command.includes(MARK)) return;
  throw new EmbeddedDatabaseError(
    `A PostgreSQL server (process ${pid}) already runs on ${directory}. Stop it (kill -INT ${pid}), or set DATABASE_URL to use it.`,
  );
}

async function endLeftover(server: ProcessInfo): Promise<void> {
  process.kill(server.pid, 'SIGQUIT');
  const deadline = Date.now() + 10_000; // it allows its own processes 5 s
  while (await isRunning(server)) {
    if (Date.now() > deadline) {
      throw new EmbeddedDatabaseError(`An old PostgreSQL server (process ${server.pid}) does not end. Kill it.`);
    }
    await Bun.sleep(10);
  }
}
