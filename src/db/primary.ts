import type { Target } from './connection.ts';
import { withDeadline } from './failures.ts';
import { closePool, openPool } from './pool.ts';

/**
 * The first of the URL's hosts that is a primary. All are asked at once. The driver's own choice among several hosts is
 * not used: a list whose hosts all refuse never settles (#1174), and it does not know every standby.
 */
export async function findPrimary(databaseUrl: string, timeoutMs: number): Promise<Target> {
  try {
    return await Promise.any(targets(databaseUrl).map((target) => requirePrimary(target, timeoutMs)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/** One URL for each host of a libpq-style list `postgres://user@a:5432,b:5433/name`. */
export function targets(databaseUrl: string): Target[] {
  const [, before = '', hosts = '', after = ''] = /^([^/]*\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(databaseUrl) ?? [];
  return hosts.split(',').map((host) => `${before}${host}${after}`);
}

async function requirePrimary(target: Target, timeoutMs: number): Promise<Target> {
  const pool = openPool({
    target,
    max: 1,
    timeoutMs,
    connectTimeoutMs: timeoutMs,
    prepare: false,
    serverTimeouts: false,
  });
  try {
    const [row] = await withDeadline(
      pool.sql<{ standby: boolean }[]>`select pg_is_in_recovery() as standby`,
      timeoutMs,
    );
    if (row?.standby !== false) throw new Error('the server is a standby');
    return target;
  } finally {
    void closePool(pool, 0);
  }
}
