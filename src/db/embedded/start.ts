import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ExclusiveLock, tryLock } from '../../lib/lifecycle/exclusive-lock.ts';
import type { Logger } from '../../observability/log.ts';
import { provideBinaries, repairLibraryLinks } from './binaries.ts';
import { initialise, isInitialised } from './data-directory.ts';
import { EmbeddedDatabaseError } from './error.ts';
import { chooseLauncher } from './launcher.ts';
import { clearTheWay } from './postmaster.ts';
import { launchServer, type Server, type Settings, stopServer } from './server.ts';
import { embeddedDatabaseUrl } from './url.ts';

export interface EmbeddedOptions {
  /**
   * Everything goes below it: `pg` (the data and the socket), `postgresql` (the programs, where they came inside the
   * binary), `postgresql.log`, `hop.lock`. Made if missing.
   */
  readonly dataDir: string;
  readonly log: Logger;
  /** Gets short sentences for the person at the terminal. */
  readonly onProgress?: (message: string) => void;
  /** The directory with PostgreSQL's `bin`, `lib` and `share`; default: those that came with hop. */
  readonly binaries?: string;
  /** Further settings of the server: `{ max_connections: '200' }`. */
  readonly settings?: Settings;
}

export interface EmbeddedPostgres {
  /** See {@link embeddedDatabaseUrl}. */
  readonly databaseUrl: string;
  readonly pid: number;
  /** The server's exit code, whenever and why ever it ends. */
  readonly exited: Promise<number>;
  /** Ends the server (fast shutdown; at once if that takes over 5 s) and frees DATA_DIR. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of our own on `dataDir`, initialising it first where needed. The server ends with this
 * process, however this process ends.
 * @throws EmbeddedDatabaseError that says what to do
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = makeDataDir(resolve(options.dataDir));
  const lock = takeLock(dataDir);
  try {
    const server = await startServer(dataDir, options);
    return handle(server, join(dataDir, 'pg'), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startServer(dataDir: string, options: EmbeddedOptions): Promise<Server> {
  const directory = join(dataDir, 'pg');
  const progress = options.onProgress ?? (() => {});
  const native = options.binaries ?? (await provideBinaries(dataDir, progress));
  repairLibraryLinks(native);
  const initialised = isInitialised(directory);
  const launcher = chooseLauncher(native, initialised ? directory : dataDir);
  if (!initialised) {
    progress('initialising the database…');
    await initialise(directory, launcher);
  }
  await clearTheWay(directory, options.log);
  progress('starting the database…');
  return launchServer(launcher, directory, join(dataDir, 'postgresql.log'), options.settings);
}

function handle(server: Server, directory: string, lock: ExclusiveLock): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    databaseUrl: embeddedDatabaseUrl(directory),
    pid: server.pid,
    exited: server.exited,
    stop: () => {
      stopping ??= stopServer(server).finally(() => lock.release());
      return stopping;
    },
  };
}

function takeLock(dataDir: string): ExclusiveLock {
  const lock = tryLock(join(dataDir, 'hop.lock'));
  if (lock) return lock;
  throw new EmbeddedDatabaseError(`Another hop is using ${dataDir}. Stop it, or choose another DATA_DIR.`);
}

/** Root's server runs as somebody else, who must be able to pass through a new DATA_DIR (but not to list it). */
export function makeDataDir(dataDir: string): string {
  try {
    const isNew = !existsSync(dataDir);
    mkdirSync(dataDir, { recursive: true });
    if (isNew) chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    return dataDir;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedDatabaseError(`Cannot write to ${dataDir} (${reason}). Choose another DATA_DIR.`, { cause });
  }
}
