import { join } from 'node:path';
import { type Contender, untilServing } from '../contender.ts';
import type { Link } from '../links.ts';
import { CORES, freePort, startPinned } from '../processes.ts';

const MAIN = join(import.meta.dir, '../../src/main.ts');

/** CACHE_MAX_BYTES for every link, and the least that can be set. */
export const ROOM_FOR_ALL = 4 * 2 ** 30;
export const ROOM_FOR_NEXT_TO_NONE = 2 ** 20;

export interface HopOptions {
  readonly databaseUrl: string;
  /** For its journal. */
  readonly directory: string;
  /** Default: true. */
  readonly tracks?: boolean;
  readonly cacheMaxBytes: number;
  readonly link: Link;
  /** One web process alone (the default), or with its supervisor and the recorder, as in production. */
  readonly processes?: 'web' | 'all';
  /** Made at the start. */
  readonly apiKey?: string;
  /** Default: by whether it tracks. */
  readonly name?: string;
}

/** hop with one web process. */
export async function startHop(options: HopOptions): Promise<Contender> {
  const { databaseUrl, directory, tracks = true, cacheMaxBytes, link, processes = 'web', apiKey } = options;
  const { name = tracks ? 'hop' : 'hop without tracking' } = options;
  const port = await freePort();
  const host = 's.example.org';
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DEFAULT_DOMAIN: host,
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: '0',
    DATA_DIR: join(directory, name),
    // Visitors come without a proxy, as they do to the peers, which look for no other address than that of the connection.
    TRUSTED_PROXIES: 'none',
    DISABLE_TRACKING: String(!tracks),
    // A journal without room takes no visits, which is cheaper; the recorder shares a core with what is measured.
    JOURNAL_MAX_BYTES: '64GiB',
    CACHE_MAX_BYTES: String(cacheMaxBytes),
    // All links are loaded within seconds and would all be asked for again together, in the middle of the measurement.
    CACHE_TTL_S: '86400',
    // A machine with too much to do lets a lookup wait for its turn. The peers have no deadline at all.
    LOOKUP_DEADLINE_MS: '5000',
    LOG_LEVEL: 'warn',
    ...(apiKey !== undefined && { INITIAL_API_KEY: apiKey }),
  };
  const child = startPinned([process.execPath, MAIN, processes === 'all' ? 'serve' : 'web'], {
    core: CORES.server,
    env,
  });
  return untilServing(name, child, { port, host }, link);
}
