import type { Logger } from '../observability/log.ts';
import type { Database } from './database.ts';
import { closePool, openPool, type Pool } from './pool.ts';

export const CHANGES_CHANNEL = 'hop_changes';

/** The first statements on new connections come first: somebody waits for them. */
const CONNECT_AFTER_MS = 100;
/** A lost connection is made anew after this: only a hint is missing meanwhile. */
const RECONNECT_MS = 1_000;

/**
 * Calls `onNotify` for each notification on the channel, on a connection of its own that is made anew when it ends and
 * whenever the database comes back. Notifications are hints: none is owed, so failures are only logged. Returns how to
 * stop.
 */
export function listen(database: Database, channel: string, onNotify: () => void, log: Logger): () => void {
  let pool: Pool | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    disconnect();
    const { target } = database;
    if (target === undefined) return;
    const mine = openPool({ ...LISTENER, target, onClose: () => mine === pool && reconnect() });
    pool = mine;
    mine.sql.listen(channel, onNotify).catch((error) => log.debug('notifications are not to be had', { error }));
  };
  // The driver's own way to listen again may get stuck: a start-up message is lost when a connection ends before it went out.
  const reconnect = () => {
    disconnect();
    timer = setTimeout(connect, RECONNECT_MS);
  };
  const disconnect = () => {
    clearTimeout(timer);
    if (pool !== undefined) void closePool(pool, 0);
    pool = undefined;
  };

  const unsubscribe = database.onUp(() => {
    disconnect();
    timer = setTimeout(connect, CONNECT_AFTER_MS);
  });
  return () => {
    unsubscribe();
    disconnect();
  };
}

const LISTENER = { max: 1, timeoutMs: 0, connectTimeoutMs: 2_000, prepare: false, serverTimeouts: false };
