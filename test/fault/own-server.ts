import { randomBytes } from 'node:crypto';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbedded } from '../../src/db/embedded/start.ts';
import { createLogger } from '../../src/observability/log.ts';

/** A PostgreSQL that a test may kill. */
export interface OwnServer extends AsyncDisposable {
  /** Stays the same over restarts. */
  readonly databaseUrl: string;
  /** PostgreSQL's data directory. */
  readonly directory: string;
  /** Ends it like a crash (immediate shutdown). */
  crash(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Another server on a copy of this stopped one's data, which is a standby until it is promoted. */
  copyAsStandby(): Promise<OwnServer>;
}

type Settings = Readonly<Record<string, string>>;

const SETTINGS: Settings = { fsync: 'off', full_page_writes: 'off' };

export function startOwnServer(settings: Settings = {}): Promise<OwnServer> {
  // Not by mkdtemp: as root, the server's unprivileged user must be able to pass through it.
  return serverOn(join(tmpdir(), `hop-fault-${randomBytes(6).toString('hex')}`), settings);
}

async function serverOn(dataDir: string, settings: Settings): Promise<OwnServer> {
  const log = createLogger('error');
  const start = () => startEmbedded({ dataDir, log, settings: { ...SETTINGS, ...settings } });
  let server: EmbeddedPostgres = await start();
  return {
    databaseUrl: server.databaseUrl,
    directory: join(dataDir, 'pg'),
    async crash() {
      process.kill(server.pid, 'SIGQUIT');
      await server.exited;
      await server.stop();
    },
    stop: () => server.stop(),
    async start() {
      server = await start();
    },
    async copyAsStandby() {
      const copy = `${dataDir}-standby`;
      if ((await Bun.spawn(['cp', '-a', dataDir, copy]).exited) !== 0) throw new Error('the data could not be copied');
      await writeFile(join(copy, 'pg', 'standby.signal'), '');
      await chmod(join(copy, 'pg', 'standby.signal'), 0o666); // its owner is another user where root tests
      return serverOn(copy, settings);
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
