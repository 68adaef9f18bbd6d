import { join, resolve } from 'node:path';
import { type Config, childEnvironment, loadConfig, processEnvironment, starterOf, withPort } from '../config.ts';
import { EmbeddedDatabaseError } from '../db/embedded/error.ts';
import { type KeptPostgres, keepEmbedded } from '../db/embedded/keep.ts';
import { makeDataDir } from '../db/embedded/start.ts';
import { embeddedDatabaseUrl } from '../db/embedded/url.ts';
import { tryLock } from '../lib/lifecycle/exclusive-lock.ts';
import { hasTerminal, onShutdown } from '../lib/lifecycle/shutdown.ts';
import { DirectoryError, needWritableDirectory } from '../lib/writable-directory.ts';
import { createProcessLogger, type Logger } from '../observability/log.ts';
import { journalSettings } from '../settings.ts';
import { ownCommand } from '../supervisor/own-command.ts';
import { requireFreePort } from '../supervisor/port.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { administer } from './administration.ts';
import { CommandError } from './command.ts';
import { listenOrExplain } from './listen-errors.ts';

export interface ServeOptions {
  readonly embedded: boolean;
  /** Gets short sentences for the person at the terminal. */
  readonly onProgress?: (message: string) => void;
}

export interface Serving {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  readonly supervisor: Supervisor;
  /** Rejects with a CommandError when hop cannot go on; otherwise a signal ends this process. */
  readonly ended: Promise<never>;
}

/** Beyond the time to drain: the embedded database needs some to close its files. */
const STOP_GRACE_MS = 8_000;

/** What `hop serve` and `hop start` share: the database if it is ours, the processes, and their end. */
export async function serve({ embedded, onProgress = () => {} }: ServeOptions): Promise<Serving> {
  const environment = processEnvironment();
  const config = loadConfig(environment, { embedded });
  const log = createProcessLogger(config.LOG_LEVEL, 'supervisor');
  const started = new AsyncDisposableStack();
  onShutdown({
    log,
    starter: starterOf(environment),
    deadlineMs: config.DRAIN_DELAY + config.DRAIN_TIMEOUT + STOP_GRACE_MS,
    stop: () => started.disposeAsync(),
  });
  try {
    takeDataDir(config.DATA_DIR);
    if (!config.DISABLE_TRACKING) needWritableDirectory(journalSettings(config).directory, 'DATA_DIR');
    await listenOrExplain(config, () => requireFreePort(config));
    const databaseUrl = embedded ? embeddedDatabaseUrl(join(resolve(config.DATA_DIR), 'pg')) : undefined;
    const supervisor = createSupervisor(config, log, databaseUrl);
    started.use(administer(config, supervisor, log));
    // Side by side: the processes take as long to load as the database to start.
    const starting = supervisor.start();
    const database = embedded ? startDatabase(config, log, onProgress) : undefined;
    started.defer(async () => (await database?.catch(() => undefined))?.stop());
    started.defer(() => supervisor.stop());
    process.on('exit', () => supervisor.kill());
    if (!hasTerminal()) process.on('SIGHUP', () => supervisor.replaceAll());
    await database;
    supervisor.begin();
    const failed = supervisor.failed.then((reason) => {
      throw new CommandError(reason);
    });
    const port = await Promise.race([starting, failed]);
    const ended = failed.finally(() => started.disposeAsync());
    return { config: withPort(config, port), log, databaseUrl: databaseUrl ?? '', supervisor, ended };
  } catch (error) {
    await started.disposeAsync();
    throw error instanceof EmbeddedDatabaseError || error instanceof DirectoryError
      ? new CommandError(error.message)
      : error;
  }
}

/** Where to reach a listener, for people to copy. */
export function addressOf({ HOST, PORT, LISTEN, WEB_CONCURRENCY }: Config): string {
  if (LISTEN !== undefined) return `unix:${LISTEN}.1${WEB_CONCURRENCY > 1 ? ` to .${WEB_CONCURRENCY}` : ''}`;
  const isLocal = HOST === '127.0.0.1' || HOST === '::1';
  return `http://${isLocal ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}

/** Two supervisors would have two recorders for the same journals. */
function takeDataDir(dataDir: string): void {
  const directory = makeDataDir(resolve(dataDir));
  if (tryLock(join(directory, 'supervisor.lock')) !== undefined) return;
  throw new CommandError(`Another hop is using ${directory}. Stop it, or choose another DATA_DIR.`);
}

function createSupervisor(config: Config, log: Logger, embeddedUrl: string | undefined): Supervisor {
  const flags = embeddedUrl === undefined ? [] : ['--embedded'];
  return new Supervisor({
    webConcurrency: config.WEB_CONCURRENCY,
    command: (role, index) => ownCommand(role, [...flags, ...(role === 'web' ? [`--index=${index}`] : [])]),
    environment: (port) => childEnvironment(processEnvironment(), port, embeddedUrl),
    port: config.PORT,
    drainDelayMs: config.DRAIN_DELAY,
    drainTimeoutMs: config.DRAIN_TIMEOUT,
    stuckAfterMs: config.STUCK_TIMEOUT_MS,
    log,
  });
}

function startDatabase(config: Config, log: Logger, onProgress: (message: string) => void): Promise<KeptPostgres> {
  const { DATA_DIR, WEB_CONCURRENCY, POOL_LOOKUPS, POOL_WRITES, POOL_REPORTS } = config;
  // One more for the recorder, one for a replacement, and some for people.
  const connections = (WEB_CONCURRENCY + 2) * (POOL_LOOKUPS + POOL_WRITES + POOL_REPORTS + 2) + 10;
  const settings = { max_connections: String(Math.max(100, connections)) };
  return keepEmbedded({ dataDir: DATA_DIR, log, onProgress, settings });
}
