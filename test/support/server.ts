import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../src/db/embedded/start.ts';
import { createLogger } from '../../src/observability/log.ts';

export interface TestServer {
  /** A superuser's URL, on the maintenance database. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Nothing here needs to survive a crash of the machine; tests of durability start servers of their own. Some files hold
 * the pools of several processes at once.
 */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '300' };

/** The PostgreSQL of this run: TEST_DATABASE_URL's (15 or later), or an embedded one that ends with the run. */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  // Not by mkdtemp: as root, the server's unprivileged user must be able to pass through it.
  const dataDir = join(tmpdir(), `hop-test-${randomBytes(6).toString('hex')}`);
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startEmbedded({ dataDir, log: createLogger('warn'), settings: SETTINGS });
    return { url: server.databaseUrl, stop: () => server.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
