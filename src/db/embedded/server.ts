import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { EmbeddedDatabaseError } from './error.ts';
import type { LaunchCommand, Launcher } from './launcher.ts';
import { MARK, readPidFile } from './postmaster.ts';

export type Settings = Readonly<Record<string, string>>;

/** A running server, child of this process. */
export interface Server {
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void;
}

// What hop relies on; above postgresql.conf. No TCP; the socket lies in the data directory, which only its owner may
// enter, under a relative name, because an absolute one may exceed a socket address's 107 bytes.
const SETTINGS: Settings = {
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
};

/** How long the processes of a killed server may hold its shared memory: they notice its death within seconds. */
const LEFTOVERS_MS = 10_000;

/** Polling postmaster.pid is what pg_ctl does too. */
const POLL_MS = 5;

/** Starts a server on an initialised data directory and waits until it accepts connections. */
export async function launchServer(
  launcher: Launcher,
  directory: string,
  logFile: string,
  settings: Settings = {},
): Promise<Server> {
  const options = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = launcher.command('postgres', directory, ['-c', MARK, ...options]);
  const deadline = Date.now() + LEFTOVERS_MS;
  while (true) {
    const logStart = sizeOf(logFile);
    const server = launcher.endsWithParent ? spawn(command, logFile) : spawnWatched(command, logFile);
    if (await becomesReady(server, directory)) return server;
    const said = readFileSync(logFile).subarray(logStart).toString().trim();
    if (!said.includes('pre-existing shared memory block') || Date.now() > deadline) {
      throw new EmbeddedDatabaseError(`The embedded PostgreSQL did not start (see ${logFile}): ${said}`);
    }
    await Bun.sleep(100);
  }
}

/** Fast shutdown; at once if that takes too long (PostgreSQL then recovers at the next start; nothing is lost). */
export async function stopServer(server: Server): Promise<void> {
  server.kill('SIGINT');
  const escalations = [
    setTimeout(() => server.kill('SIGQUIT'), 5_000),
    setTimeout(() => server.kill('SIGKILL'), 12_000),
  ];
  await server.exited;
  for (const escalation of escalations) clearTimeout(escalation);
}

/** Settles when the server is ready (true) or has ended (false); crash recovery may take its time. */
async function becomesReady(server: Server, directory: string): Promise<boolean> {
  let ended = false;
  server.exited.then(() => {
    ended = true;
  });
  while (!ended) {
    const said = readPidFile(directory);
    if (said?.pid === server.pid && said.ready) return true;
    await Bun.sleep(POLL_MS);
  }
  return false;
}

function spawn(command: LaunchCommand, logFile: string): Server {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return Bun.spawn({ ...command, ...OWN_GROUP, stdin: 'ignore', stdout: log, stderr: log });
  } finally {
    closeSync(log);
  }
}

/** Ctrl-C in the terminal is for hop, which then stops the server in its own time. */
const OWN_GROUP = { detached: true } as const;

// A grandchild (PostgreSQL would take a child for one of its own) that waits on a pipe held by hop. The pipe closes
// when hop dies; a line on it says that the server has ended by itself.
const WATCHED = `
  exec 3<&0 </dev/null
  ((read -r _ <&3 || kill -QUIT $$) >/dev/null 2>&1 &)
  exec 3<&-
  exec "$@"`;

/** For systems without setpriv: ends the server with this process by a tiny shell beside it. */
function spawnWatched(command: LaunchCommand, logFile: string): Server {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const cmd = ['/bin/sh', '-c', WATCHED, 'sh', ...command.cmd];
    const server = Bun.spawn({ ...command, ...OWN_GROUP, cmd, stdin: 'pipe', stdout: log, stderr: log });
    const { stdin } = server;
    server.exited.then(() => {
      stdin.write('\n');
      stdin.end();
    });
    return server;
  } finally {
    closeSync(log);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
