import { Database } from '../src/db/database.ts';
import { createLogger } from '../src/observability/log.ts';

/** The database as hop's own modules use it. */
export function openDatabase(url: string): Database {
  return new Database({
    url,
    log: createLogger('warn'),
    pools: { lookups: 1, writes: 1, reports: 2 },
    timeoutsMs: { lookups: 1_000, writes: 60_000, reports: 30_000 },
    connectTimeoutMs: 2_000,
    prepare: true,
    serverTimeouts: true,
  });
}
