import { AppError } from '../lib/errors.ts';
import type { Logger } from '../observability/log.ts';
import type { Target } from './connection.ts';
import { adviceFor, isConnectionFailure, isServerTrouble, isTooManyConnections, NoAnswerError } from './failures.ts';
import { answerOf, closePool, openPool, type Pool, type Sql } from './pool.ts';
import { openPrimary } from './primary.ts';

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Logger;
  /** Connections of each pool; separate, so that a fast lookup never sits behind a slow statement (the driver pipelines). */
  readonly pools: { readonly lookups: number; readonly writes: number; readonly reports: number };
  /** The longest a statement of each pool may run, in milliseconds; enforced by the server and, for a dead one, by us. */
  readonly timeoutsMs: { readonly lookups: number; readonly writes: number; readonly reports: number };
  readonly connectTimeoutMs: number;
  /** Prepared statements by name; false behind a PgBouncer older than 1.21 in transaction mode. */
  readonly prepare: boolean;
  /** Set statement_timeout on each connection; false behind a PgBouncer that refuses start-up parameters. */
  readonly serverTimeouts: boolean;
  /** Told each statement that the driver sends: for counting. */
  readonly onStatement?: ((statement: string) => void) | undefined;
}

export type PoolName = keyof DatabaseOptions['pools'];
const POOL_NAMES = ['lookups', 'writes', 'reports'] as const satisfies PoolName[];

/** What became of the statements of a pool so far. */
export interface StatementCounters {
  statements: number;
  failures: number;
  /** Time that all of them took together, their wait for a connection included. */
  seconds: number;
}

export interface RunOptions {
  /** Run it a second time on a new connection when the first one broke: only for what may run twice. */
  readonly retry: boolean;
}

/**
 * At least this lies between the beginnings of two looks for a primary, also when each look finds one. Less than a
 * redirect waits, so that single losses in quick succession cost no answer.
 */
const LOOK_INTERVAL_MS = 150;
/** A look is given up after this: with LOOK_INTERVAL_MS it bounds the way back to well under two seconds. */
const LOOK_TIMEOUT_MS = 1_000;
/** What the server's own statement_timeout is given before we call it dead. */
const ANSWER_GRACE_MS = 500;
/** Statements of one pool that may be under way or waiting in the driver, which has no bound of its own. */
const MAX_PENDING = 1_000;
/**
 * What statements of a pool that is replaced are given to finish. Short ones have either finished by then or are on a
 * dead connection too, where they would hold up those who come after them; those that may be are sent again.
 */
const FINISH_MS: Readonly<Record<PoolName, number>> = { lookups: 250, writes: 250, reports: 30_000 };

/**
 * The one way to PostgreSQL. The driver is not trusted with failures: on any error that means "this connection or this
 * server is no more", all pools are replaced after a look at which host is the primary now; while there is none, every
 * statement fails at once instead of queueing.
 */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #onUp = new Set<() => void>();
  readonly counters: Readonly<Record<PoolName, StatementCounters>> = {
    lookups: { statements: 0, failures: 0, seconds: 0 },
    writes: { statements: 0, failures: 0, seconds: 0 },
    reports: { statements: 0, failures: 0, seconds: 0 },
  };
  #pools: Record<PoolName, Pool> | undefined;
  #looking: Promise<void> | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  readonly #firstLook = Promise.withResolvers<boolean>();
  #closed = false;
  /** The last look found no primary. */
  #isDown = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#look();
  }

  /** Whether the last thing known is that statements can be sent. */
  get isUp(): boolean {
    return this.#pools !== undefined;
  }

  /** Resolves when the first look for a primary is over, a second after the start at the latest: whether it found one. */
  get firstLook(): Promise<boolean> {
    return this.#firstLook.promise;
  }

  /** Statements of a pool that are under way or wait for a connection. */
  pending(name: PoolName): number {
    return this.#pools?.[name].underWay.size ?? 0;
  }

  /** Those among them that are behind others, for want of a connection of their own. */
  waiting(name: PoolName): number {
    return Math.max(0, this.pending(name) - this.#options.pools[name]);
  }

  /** Where LISTEN may connect: the primary of this moment. */
  get target(): Target | undefined {
    return this.#pools?.lookups.target;
  }

  /** Called after each (re)connection, when statements can be sent again. Returns the way to unsubscribe. */
  onUp(listener: () => void): () => void {
    this.#onUp.add(listener);
    if (this.isUp) queueMicrotask(listener);
    return () => this.#onUp.delete(listener);
  }

  /**
   * Runs one statement. Errors: `database-unavailable` when there is no database or it does not answer (for writes the
   * outcome is then unknown), `overloaded` beyond the bound, else what PostgreSQL said. A second run has what the first
   * has left of the time.
   */
  async run<T>(name: PoolName, statement: (sql: Sql) => PromiseLike<T>, { retry }: RunOptions): Promise<T> {
    const begunAtMs = performance.now();
    const counters = this.counters[name];
    counters.statements++;
    try {
      return await this.#tryTwice(name, statement, retry, begunAtMs + this.#options.timeoutsMs[name] + ANSWER_GRACE_MS);
    } catch (error) {
      counters.failures++;
      throw explain(error);
    } finally {
      counters.seconds += (performance.now() - begunAtMs) / 1000;
    }
  }

  /** Resolves once the database has been reached, or false after `timeoutMs`. */
  async reached(timeoutMs: number): Promise<boolean> {
    if (this.isUp) return true;
    return new Promise((resolve) => {
      const done = (answer: boolean) => {
        clearTimeout(timer);
        unsubscribe();
        resolve(answer);
      };
      const timer = setTimeout(() => done(false), timeoutMs);
      const unsubscribe = this.onUp(() => done(true));
    });
  }

  /** Lets what is under way finish (at most `graceMs`) and closes every connection. */
  async close(graceMs = 2_000): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#dropPools().map(([, pool]) => closePool(pool, graceMs)));
  }

  async #tryTwice<T>(name: PoolName, statement: (sql: Sql) => PromiseLike<T>, retry: boolean, deadlineAtMs: number) {
    try {
      return await this.#send(name, statement, deadlineAtMs);
    } catch (error) {
      if (!retry || error instanceof NoAnswerError || !isConnectionFailure(error)) throw error;
      return await this.#send(name, statement, deadlineAtMs);
    }
  }

  async #send<T>(name: PoolName, statement: (sql: Sql) => PromiseLike<T>, deadlineAtMs: number): Promise<T> {
    const pool = await this.#acquire(name);
    if (pool.underWay.size >= MAX_PENDING)
      throw new AppError('overloaded', 'Too many requests are waiting. Try again soon.');
    try {
      return await answerOf(pool, statement(pool.sql), deadlineAtMs - performance.now());
    } catch (error) {
      // A server that is full refuses this connection; those that it has go on.
      if (isTooManyConnections(error)) pool.refusals++;
      else if (isConnectionFailure(error)) this.#suspect(pool);
      throw error;
    }
  }

  async #acquire(name: PoolName): Promise<Pool> {
    if (this.#pools === undefined && !this.#isDown) await this.#looking;
    if (this.#pools === undefined) throw unavailable();
    return this.#pools[name];
  }

  #connectionClosed(pool: Pool): void {
    if (pool.refusals > 0) pool.refusals--;
    else this.#suspect(pool);
  }

  /** Something about this pool's connections failed: nothing is sent until a primary has been seen. */
  #suspect(pool: Pool): void {
    const isCurrent = this.#pools !== undefined && Object.values(this.#pools).includes(pool);
    if (this.#closed || !isCurrent) return;
    for (const [name, old] of this.#dropPools()) void closePool(old, FINISH_MS[name]);
    this.#look();
  }

  #dropPools(): [PoolName, Pool][] {
    const old = this.#pools;
    this.#pools = undefined;
    return old === undefined ? [] : POOL_NAMES.map((name) => [name, old[name]]);
  }

  #look(): void {
    this.#looking ??= this.#findPrimary();
  }

  async #findPrimary(): Promise<void> {
    const { url, log } = this.#options;
    const waitMs = this.#lookedAtMs + LOOK_INTERVAL_MS - performance.now();
    if (waitMs > 0) await Bun.sleep(waitMs);
    this.#lookedAtMs = performance.now();
    // Asked through what becomes the pool of lookups: at a start, and for all processes after an outage, one connection less.
    const found = await openPrimary(url, LOOK_TIMEOUT_MS, (target) => this.#open('lookups', target)).catch(
      (error: unknown) => ({ error }),
    );
    this.#looking = undefined;
    const isThere = 'sql' in found;
    this.#firstLook.resolve(isThere);
    if (this.#closed) return isThere ? closePool(found, 0) : undefined;
    if (isThere) return this.#up(found);
    if (!this.#isDown) log.error('database is unavailable', { ...found, advice: adviceFor(found.error) });
    this.#isDown = true;
    this.#look();
  }

  #up(lookups: Pool): void {
    if (this.#isDown) this.#options.log.info('database is back');
    this.#isDown = false;
    const { target } = lookups;
    this.#pools = { lookups, writes: this.#open('writes', target), reports: this.#open('reports', target) };
    for (const listener of this.#onUp) listener();
  }

  #open(name: PoolName, target: Target): Pool {
    const { pools, timeoutsMs } = this.#options;
    const pool = openPool({
      ...this.#options,
      target,
      max: pools[name],
      timeoutMs: timeoutsMs[name],
      onClose: () => this.#connectionClosed(pool),
    });
    return pool;
  }
}

/** What callers are told of an error of the driver. */
function explain(error: unknown): unknown {
  return isConnectionFailure(error) || isServerTrouble(error) ? unavailable(error) : error;
}

function unavailable(cause?: unknown): AppError {
  return new AppError('database-unavailable', 'The database cannot answer at the moment. Try again soon.', {
    cause,
  });
}
