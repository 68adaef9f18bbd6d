import { join } from 'node:path';
import { startEmbedded } from '../src/db/embedded/start.ts';
import { migrate } from '../src/db/migrate.ts';
import { createLogger } from '../src/observability/log.ts';
import { CORES, pin } from './processes.ts';

export interface BenchDatabase {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export type DatabaseSettings = Readonly<Record<string, string>>;

/** The links fit into the server's own memory, as they do in one that was sized for them. */
export const DURABLE: DatabaseSettings = { shared_buffers: '1GB', max_wal_size: '4GB', synchronous_commit: 'on' };

/** For benchmarks in which the server only reads: what it holds need not survive. */
const PASSING: DatabaseSettings = { ...DURABLE, fsync: 'off', full_page_writes: 'off' };

/** A migrated PostgreSQL of our own below `directory`, on the core that the server under test does not have. */
export async function startDatabase(directory: string, settings = PASSING): Promise<BenchDatabase> {
  const log = createLogger('warn');
  const server = await startEmbedded({ dataDir: join(directory, 'postgres'), log, settings });
  try {
    await pin(server.pid, CORES.load);
    await migrate({ databaseUrl: server.databaseUrl, log });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: server.databaseUrl, pid: server.pid, stop: () => server.stop() };
}
