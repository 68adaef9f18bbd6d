import type { Target } from './connection.ts';
import { ConnectionLostError, withDeadline } from './failures.ts';
import { closePool, openPool, type Pool } from './pool.ts';
import { openPrimary } from './primary.ts';

export interface Session {
  /** Runs one statement; values are `$1`, `$2`, …. Rejects when the connection is lost or the deadline passes. */
  run<Row>(statement: string, values?: string[]): Promise<Row[]>;
  /** Ends the connection; the server rolls back what is open. Never rejects, and settles at once. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** How long one statement may take before the server counts as dead. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
}

/**
 * One connection for work that spans statements (`begin` … `commit`). Unlike a pool it never reconnects: when the
 * backend dies inside a transaction, the next statement is refused here instead of being run and committed by itself
 * on a new connection. For tools and the migrator; serving processes use single statements (the driver's own `begin`
 * and `reserve` hang when the backend dies).
 */
export async function openSession(databaseUrl: string, options: SessionOptions): Promise<Session> {
  const { timeoutMs, connectTimeoutMs = 5_000 } = options;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {}); // nobody may be waiting when it is lost
  let isLost = false;
  const lose = (reason: string) => {
    isLost = true;
    lost.reject(new ConnectionLostError(reason));
  };
  let chosen: Pool | undefined;
  const open = (target: Target): Pool => {
    const settings = { max: 1, timeoutMs, connectTimeoutMs, prepare: false, serverTimeouts: false };
    // The end of a connection to another host says nothing.
    const onClose = () => opened === chosen && lose('the connection to the database was lost');
    const opened: Pool = openPool({ ...settings, target, onClose });
    return opened;
  };
  const pool = await openPrimary(databaseUrl, connectTimeoutMs, open);
  chosen = pool;

  return {
    async run<Row>(statement: string, values: string[] = []) {
      if (isLost) return lost.promise;
      const answer = Promise.race([pool.sql.unsafe<Row[]>(statement, values), lost.promise]);
      return [...(await withDeadline(answer, timeoutMs))];
    },
    async close() {
      lose('the session is closed');
      await closePool(pool, 0);
    },
  };
}
