import type { Database } from './db/database.ts';
import { isConnectionFailure, isServerTrouble } from './db/failures.ts';
import { AppError } from './lib/errors.ts';
import type { Logger } from './observability/log.ts';

export interface StartupOptions {
  readonly database: Database;
  /** Once, before anything else: the schema, the first key. */
  readonly prepare: () => Promise<void>;
  /** Each time that the database comes back: what was read from it may be old. */
  readonly refresh: () => Promise<void>;
  /** Waiting will not mend it. */
  readonly onFatal: (error: unknown) => void;
  readonly log: Logger;
}

const RETRY_MS = 500;

/**
 * Brings this process and its database together, whenever that is possible: hop starts without its database, and the
 * database may go away again in the middle of this.
 */
export class Startup {
  readonly #options: StartupOptions;
  readonly #unsubscribe: () => void;
  readonly #ready = Promise.withResolvers<void>();
  #isPrepared = false;
  #running: Promise<void> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: StartupOptions) {
    this.#options = options;
    this.#unsubscribe = options.database.onUp(() => this.#run());
  }

  /** Resolves once requests can be answered from the database. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#unsubscribe();
  }

  #run(): void {
    clearTimeout(this.#retry);
    this.#running ??= this.#attempt().finally(() => {
      this.#running = undefined;
    });
  }

  async #attempt(): Promise<void> {
    const { prepare, refresh, onFatal, log } = this.#options;
    try {
      if (!this.#isPrepared) await prepare();
      this.#isPrepared = true;
      await refresh();
      this.#ready.resolve();
    } catch (error) {
      if (this.#closed) return;
      if (!isPassing(error)) return onFatal(error);
      log.warn('the database is not ready yet', { error });
      this.#retry = setTimeout(() => this.#run(), RETRY_MS);
    }
  }
}

/** Whether waiting may help: the database went away or was in trouble. */
function isPassing(error: unknown): boolean {
  return error instanceof AppError || isConnectionFailure(error) || isServerTrouble(error);
}
