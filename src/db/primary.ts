import type { Target } from './connection.ts';
import { answerOf, closePool, openPool, type Pool } from './pool.ts';

/**
 * Opens a pool for each of the URL's hosts, and keeps the first that turns out to be a primary's, with the connection by
 * which it was asked. All are asked at once. The driver's own choice among several hosts is not used: a list whose hosts
 * all refuse never settles (#1174), and it does not know every standby.
 */
export async function openPrimary(
  databaseUrl: string,
  timeoutMs: number,
  open: (target: Target) => Pool,
): Promise<Pool> {
  const pools = targets(databaseUrl).map(open);
  let primary: Pool | undefined;
  try {
    primary = await Promise.any(pools.map((pool) => requirePrimary(pool, timeoutMs)));
    return primary;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    for (const pool of pools) if (pool !== primary) void closePool(pool, 0);
  }
}

/** Which of the URL's hosts is a primary. */
export async function findPrimary(databaseUrl: string, timeoutMs: number): Promise<Target> {
  const settings = { max: 1, timeoutMs, connectTimeoutMs: timeoutMs, prepare: false, serverTimeouts: false };
  const pool = await openPrimary(databaseUrl, timeoutMs, (target) => openPool({ ...settings, target }));
  void closePool(pool, 0);
  return pool.target;
}

/** One URL for each host of a libpq-style list `postgres://user@a:5432,b:5433/name`. */
export function targets(databaseUrl: string): Target[] {
  const [, before = '', hosts = '', after = ''] = /^([^/]*\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(databaseUrl) ?? [];
  return hosts.split(',').map((host) => `${before}${host}${after}`);
}

async function requirePrimary(pool: Pool, timeoutMs: number): Promise<Pool> {
  // Not prepared: by the simple protocol any pooler lets it through.
  const question = pool.sql.unsafe<{ standby: boolean }[]>('select pg_is_in_recovery() as standby');
  const [row] = await answerOf(pool, question, timeoutMs);
  if (row?.standby !== false) throw new Error('the server is a standby');
  return pool;
}
