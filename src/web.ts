import { type App, createApp } from './app.ts';
import { type Config, withPort } from './config.ts';
import { Database } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import { isUpToDate } from './db/schema-version.ts';
import { closing, type Fetch } from './http/closing.ts';
import { listen, type Server } from './http/server.ts';
import { nameSocket } from './http/unix-socket.ts';
import { needWritableDirectory } from './lib/writable-directory.ts';
import type { Logger } from './observability/log.ts';
import { createServices, type Services } from './services.ts';
import { databaseSettings, journalSettings, trackingSettings } from './settings.ts';
import { warnOfUnfolded } from './short-urls/fold.ts';
import { VisitCapture } from './visits/capture.ts';
import { JournalWriter } from './visits/journal/writer.ts';
import type { PeerOf } from './visits/visitors.ts';

export interface WebOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  /** Which of the processes that listen together, from 1; alone by default. */
  readonly index?: number | undefined;
  /** What waiting cannot mend; the process should end. */
  readonly onFatal: (error: unknown) => void;
}

export interface SharedWebOptions extends WebOptions {
  /** Resolves when nobody else listens; undefined where nobody can tell. */
  readonly alone: Promise<void> | undefined;
}

/** A serving process. */
export interface Web {
  readonly server: Server;
  readonly services: Services;
  /** Where visits are written; null when they are not tracked. */
  readonly journal: JournalWriter | null;
  /** Finishes the requests under way and closes everything. */
  stop(): Promise<void>;
  /** The same after a while in which clients are told to connect again, and requests are still taken. */
  drain(limits: { readonly delayMs: number; readonly withinMs: number }): Promise<void>;
}

/** Requests under way are given this long when the process ends. */
const FINISH_TIMEOUT_MS = 5_000;

/** A process has brought its database up to date before this, mostly. */
const READY_WITHIN_MS = 10_000;

/** How long a request waits for a process that has just begun to listen; after that it is told to come again. */
const HOLD_MS = 1_000;

/** The visitors who have waited for this process come first. */
const LOAD_API_AFTER_MS = 100;

/**
 * Listens at once, whether or not the database is there.
 * @throws what the system says when the port cannot be had: `EADDRINUSE`, `EACCES`
 * @throws DirectoryError when visits could not be written
 */
export function startWeb(options: WebOptions, database = openDatabase(options)): Web {
  const { config } = options;
  const fetch = new CurrentFetch();
  const socket = listenFor(options, fetch);
  const work = createWork(options, database, withPort(config, socket.server.port ?? config.PORT), () => socket.server);
  fetch.current = work.app.fetch;
  return createWeb(socket, work, fetch);
}

/**
 * Listens once the database has been reached: whoever connects to one of several processes should not come to the one
 * that knows nothing yet. One that is or becomes `alone` listens at once, and for a while lets requests wait. Where
 * nobody can tell it that, it listens when the database is away or takes long. A port that is not known beforehand is had
 * at once.
 */
export async function startWebWhenReady(options: SharedWebOptions, database: Database): Promise<Web> {
  const { PORT, LISTEN } = options.config;
  if (PORT === 0 && LISTEN === undefined) return startWeb(options, database);
  const fetch = new CurrentFetch();
  let socket: Socket | undefined;
  const listenNow = () => (socket ??= listenFor(options, fetch));
  const listening = options.alone?.then(listenNow);
  await Promise.resolve(); // in which one that is alone already listens, before all that follows
  const work = createWork(options, database, options.config, () => socket?.server);
  const answerable = databaseOf(work.services);
  fetch.current = async (request) => {
    await Promise.race([answerable, Bun.sleep(HOLD_MS)]);
    return work.app.fetch(request);
  };
  await Promise.race(listening ? [work.services.ready, listening] : [answerable]);
  await answerable;
  fetch.current = work.app.fetch;
  socket = listenNow();
  setTimeout(() => work.app.load().catch(options.onFatal), LOAD_API_AFTER_MS);
  return createWeb(socket, work, fetch);
}

/** It begins to connect at once. */
function openDatabase({ config, databaseUrl, log }: Omit<WebOptions, 'onFatal'>): Database {
  return new Database({ ...databaseSettings(config), url: databaseUrl, log });
}

/** Resolves once there is nothing to wait for. */
async function databaseOf({ database, ready }: Services): Promise<void> {
  const isThere = await database.firstLook;
  if (isThere) await Promise.race([ready, Bun.sleep(READY_WITHIN_MS)]);
}

interface Work {
  readonly services: Services;
  readonly journal: JournalWriter | null;
  readonly app: App;
}

function createWork(options: WebOptions, database: Database, config: Config, server: () => Server | undefined): Work {
  const { log, databaseUrl, onFatal, index = 1 } = options;
  if (!config.DISABLE_TRACKING) needWritableDirectory(journalSettings(config).directory, 'DATA_DIR');
  const journal = config.DISABLE_TRACKING ? null : new JournalWriter({ ...journalSettings(config), log });
  const peerOf: PeerOf = (request) => server()?.requestIP(request)?.address;
  const services = createServices({
    config,
    log,
    database,
    onFatal,
    migrate: async () => {
      if (!(await isUpToDate(database))) await migrate({ databaseUrl: database.target ?? databaseUrl, log });
    },
    visits: journal && new VisitCapture({ settings: trackingSettings(config), peerOf, journal, log }),
    peerOf,
  });
  // Once for all processes: it reads all short URLs.
  if (config.SHORT_URL_MODE === 'loose' && index === 1) {
    void services.ready.then(() => warnOfUnfolded(services.database, log));
  }
  return { services, journal, app: createApp(services) };
}

function createWeb({ server, forget }: Socket, { services, journal }: Work, fetch: CurrentFetch): Web {
  async function stop(withinMs = FINISH_TIMEOUT_MS): Promise<void> {
    await finish(server, withinMs);
    forget();
    await services.close();
    // Last, when no request can bring another visit.
    await journal?.close();
  }

  return {
    server,
    services,
    journal,
    stop,
    async drain({ delayMs, withinMs }) {
      fetch.current = closing(fetch.current);
      await Bun.sleep(delayMs);
      await stop(Math.min(FINISH_TIMEOUT_MS, withinMs - delayMs));
    },
  };
}

/** What answers requests at this moment. */
class CurrentFetch {
  constructor(public current: Fetch = () => new Response(null, { status: 503 })) {}
}

interface Socket {
  readonly server: Server;
  /** Removes what remains of a unix socket. */
  forget(): void;
}

/** Listens as the configuration says. */
function listenFor({ config, log, index }: WebOptions, fetch: CurrentFetch): Socket {
  const { HOST, PORT, LISTEN, BODY_MAX_BYTES } = config;
  const name = LISTEN && `${LISTEN}.${index ?? 1}`;
  const unix = name && `${name}.${process.pid}`; // It gets its name only once it listens.
  const server = listen({
    hostname: HOST,
    port: PORT,
    isShared: index !== undefined,
    unix,
    maxBodyBytes: BODY_MAX_BYTES,
    log,
    fetch: (request) => fetch.current(request),
  });
  return { server, forget: unix && name ? nameSocket(unix, name) : () => {} };
}

/** Lets the requests under way finish, and cuts them off when they take too long. */
async function finish(server: Server, withinMs: number): Promise<void> {
  const { promise: timedOut, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, withinMs);
  await Promise.race([server.stop(), timedOut]);
  clearTimeout(timer);
  await server.stop(true);
}
