import { isatty } from 'node:tty';
import type { Logger } from '../../observability/log.ts';
import { findAncestors, follow, type Starter } from './ancestors.ts';

export interface ShutdownOptions {
  /** Ends everything in order; called once. Rejects if that fails. */
  readonly stop: (reason: string) => Promise<void>;
  readonly log: Logger;
  /** The signals that mean to stop; default: SIGTERM, SIGINT and a closed terminal. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Stop as well when the program that started us by a script, or a process between it and us, is gone. */
  readonly starter?: Starter | undefined;
  /** How long `stop` may take; default 10 s. */
  readonly deadlineMs?: number;
  /** Last thing before a process that did not end in order exits. */
  readonly onForced?: () => void;
}

export interface ShutdownHandle extends Disposable {
  /** Stops as a signal does, unless that has begun already. */
  begin(reason: string): void;
}

const DEADLINE_MS = 10_000;

/** A terminal's Ctrl-C reaches us twice under npx, from the terminal and forwarded by npm, within 3 ms. */
const SAME_KEYSTROKE_MS = 500;

/** Without a terminal, SIGHUP is a request of an administrator, or ignored by nohup. */
export function hasTerminal(): boolean {
  return [0, 1, 2].some(isatty);
}

/**
 * Ends this process in order on a signal: calls `stop`, then exits with 0, or with 1 when `stop` failed or took too
 * long. A second signal ends it at once. Disposing of what is returned takes all that back.
 */
export function onShutdown(options: ShutdownOptions): ShutdownHandle {
  const shutdown = new Shutdown(options);
  const onSignal = (signal: NodeJS.Signals) => shutdown.signalled(signal);
  const signals = options.signals ?? ['SIGTERM', 'SIGINT', ...(hasTerminal() ? (['SIGHUP'] as const) : [])];
  for (const signal of signals) process.on(signal, onSignal);
  const unfollow = options.starter && followStarter(options.starter, (reason) => shutdown.begin(reason));
  return {
    begin: (reason) => shutdown.begin(reason),
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
      unfollow?.();
    },
  };
}

class Shutdown {
  readonly #options: ShutdownOptions;
  #begunAt: number | undefined;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  signalled(signal: NodeJS.Signals): void {
    if (this.#begunAt === undefined) this.begin(signal);
    else if (performance.now() - this.#begunAt > SAME_KEYSTROKE_MS) this.#exit(1, 'ending at once');
  }

  begin(reason: string): void {
    if (this.#begunAt !== undefined) return;
    this.#begunAt = performance.now();
    this.#options.log.info('stopping', { reason });
    setTimeout(() => this.#exit(1, 'did not stop in time'), this.#options.deadlineMs ?? DEADLINE_MS);
    this.#options.stop(reason).then(
      () => process.exit(0),
      (error) => this.#exit(1, 'stopping failed', error),
    );
  }

  #exit(code: number, message: string, error?: unknown): never {
    this.#options.log.error(message, { error });
    this.#options.onForced?.();
    process.exit(code);
  }
}

function followStarter(starter: Starter, onGone: (reason: string) => void): () => void {
  let [disposed, unfollow] = [false, () => {}];
  findAncestors(starter).then((ancestors) => {
    if (disposed) return;
    // Ended while we were starting: we have been handed to another parent.
    if (ancestors.length === 0) onGone(`${starter}, which started hop, is gone`);
    else
      unfollow = follow(ancestors, ({ pid, name }) => onGone(`${name} (process ${pid}), which started hop, is gone`));
  });
  return () => {
    disposed = true;
    unfollow();
  };
}
