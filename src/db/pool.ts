import postgres from 'postgres';
import { connectionOptions, type Target } from './connection.ts';
import { ConnectionLostError, withDeadline } from './failures.ts';
import { createSockets, type Sockets } from './sockets.ts';

export type Sql = postgres.Sql<{ bigint: number }>;

/** A set of connections to one server, replaced as a whole, never repaired. */
export interface Pool {
  readonly sql: Sql;
  readonly target: Target;
  readonly sockets: Sockets;
  /** For each statement given to the driver and not answered yet: how to give it up. */
  readonly underWay: Set<(reason: Error) => void>;
  /** Connections that the full server refused and that have not ended yet: their end says nothing of the others. */
  refusals: number;
}

export interface PoolOptions {
  readonly target: Target;
  readonly max: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly prepare: boolean;
  readonly serverTimeouts: boolean;
  readonly onStatement?: ((statement: string) => void) | undefined;
  /** A connection ended, or never came to be; whoever wanted it. */
  readonly onClose?: () => void;
}

/** Connects lazily: the first statements open the connections. */
export function openPool(options: PoolOptions): Pool {
  const { target, max, timeoutMs, connectTimeoutMs, prepare, serverTimeouts, onStatement, onClose } = options;
  const sockets = createSockets(onClose);
  const own = {
    max,
    prepare,
    connect_timeout: connectTimeoutMs / 1000,
    // The sockets pace attempts; and the driver's own end of a connection's life would look like a fault.
    backoff: () => 0,
    max_lifetime: null,
    // Our statements declare the types of their arrays, so no look at pg_type is needed on each connection.
    fetch_types: false,
    connection: { application_name: 'hop', ...(serverTimeouts && { statement_timeout: timeoutMs }) },
    socket: sockets.open,
    ...(onStatement && { debug: (_connection: number, statement: string) => onStatement(statement) }),
  };
  const sql = postgres({ ...connectionOptions(target), ...own });
  return { sql, target, sockets, underWay: new Set(), refusals: 0 };
}

/**
 * The answer to a statement of this pool; rejects after `timeoutMs`, or when the pool is closed. The driver has no query
 * timeout, and can forget a statement whose connection ends.
 */
export function answerOf<T>(pool: Pool, statement: PromiseLike<T>, timeoutMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  pool.underWay.add(reject);
  statement.then(resolve, reject);
  return withDeadline(promise, timeoutMs).finally(() => pool.underWay.delete(reject));
}

/** Lets statements under way finish for `graceMs`, then ends every socket and gives up every statement. */
export async function closePool(pool: Pool, graceMs: number): Promise<void> {
  const deadlineAt = performance.now() + graceMs;
  while (pool.underWay.size > 0 && performance.now() < deadlineAt) await Bun.sleep(10);
  // Not awaited for long: the driver waits for a 'close' that a dead peer never sends.
  await Promise.race([pool.sql.end({ timeout: 0 }).catch(() => {}), Bun.sleep(100)]);
  pool.sockets.destroy();
  for (const giveUp of pool.underWay) giveUp(new ConnectionLostError('the connections to the database were given up'));
}
