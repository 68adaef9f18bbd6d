import { Database } from 'bun:sqlite';

export interface ExclusiveLock {
  release(): void;
}

export interface LockOptions {
  /** How long to wait, blocking, for a lock that another has; default: until a tie must have ended. */
  readonly patienceMs?: number;
}

/** Long enough for the winner of a tie to finish taking the lock; a lock that is really held is refused after it. */
const TIE_MS = 200;

/** The garbage collector would close a database, and so free the lock, that nobody refers to any more. */
const held = new Set<Database>();

/**
 * Takes the lock named by `file` (created if missing), or gives undefined when another process has it. The kernel
 * frees it the moment its holder ends, also by kill -9, so that it is never stale. SQLite's own lock serves, because
 * Bun has no flock and removing stale pid files is a race.
 *
 * SQLite takes an exclusive lock in steps. Of two that start at once, one must step back for the other to finish: hence
 * the timeout, and not `locking_mode = exclusive`, in which both keep what they have and both are refused.
 */
export function tryLock(file: string, { patienceMs = TIE_MS }: LockOptions = {}): ExclusiveLock | undefined {
  const database = new Database(file, { create: true });
  try {
    database.run(`pragma busy_timeout = ${patienceMs}`);
    database.run('begin exclusive');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  held.add(database);
  return { release: () => release(database) };
}

function release(database: Database): void {
  held.delete(database);
  database.close();
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}
