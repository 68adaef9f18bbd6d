import { onShutdown } from '../lib/lifecycle/shutdown.ts';
import type { Logger } from '../observability/log.ts';
import { HEARTBEAT_MS, type ToChild, type ToSupervisor } from './messages.ts';

export interface DrainLimits {
  /** How long a web process still accepts connections. */
  readonly delayMs: number;
  /** After which the process is killed. */
  readonly withinMs: number;
}

/** What a child does, as its supervisor has to know it. */
export interface Work {
  /** Ends the work in order; the process then exits. */
  drain(limits: DrainLimits): Promise<void>;
  isDatabaseUp(): boolean;
  /** What the supervisor's metrics port adds up over the processes: JSON. */
  metrics(): unknown;
}

export interface ParentOptions {
  readonly log: Logger;
  /** For an end that is not asked for by the supervisor. */
  readonly drainLimits: DrainLimits;
  /**
   * Whether SIGTERM and SIGINT are not for this process while it has a supervisor: a service manager may send them to
   * all at once, and the recorder has to outlive the others.
   */
  readonly isDeaf?: boolean;
  /**
   * Whether work that may begin, and has not yet, begins all the same when the end is asked for: the others have left
   * something to be done.
   */
  readonly beginsToDrain?: boolean;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Nobody balances load over processes that have lost their supervisor: time to tell their busy clients is enough. */
const ORPHAN_DELAY_MS = 300;

/** Work that ends just within its limits has ended in order. */
const GRACE_MS = 500;

/** The supervisor as its child sees it. Without one (`hop web` by hand) only signals end the process. */
export class Parent {
  readonly #log: Logger;
  readonly #begin: (reason: string) => void;
  readonly #begun = Promise.withResolvers<void>();
  readonly #alone = Promise.withResolvers<void>();
  /** Visitors may wait for work that has not begun: they are answered before it ends. */
  #isAlone = false;
  readonly #beginsToDrain: boolean;
  readonly #working = Promise.withResolvers<void>();
  #hasBegun = !process.connected;
  #limits: DrainLimits;
  #work: Work | undefined;

  constructor({ log, drainLimits, isDeaf = false, beginsToDrain = false }: ParentOptions) {
    this.#log = log;
    this.#beginsToDrain = beginsToDrain;
    this.#limits = drainLimits;
    const ignored = isDeaf && process.connected ? [...SIGNALS, 'SIGHUP' as const] : ['SIGHUP' as const];
    for (const signal of ignored) process.on(signal, () => {});
    const { begin } = onShutdown({
      log,
      signals: SIGNALS.filter((signal) => !ignored.includes(signal)),
      stop: () => this.#drain(),
      deadlineMs: drainLimits.withinMs + GRACE_MS,
    });
    this.#begin = begin;
    if (this.#hasBegun) this.#begun.resolve();
    else this.#hear();
  }

  /** Resolves when the work may begin. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when nobody else does this work; undefined without a supervisor, who would know. */
  get alone(): Promise<void> | undefined {
    return process.connected ? this.#alone.promise : undefined;
  }

  /** The work has begun; a web process listens on this port. */
  started(work: Work, port?: number): void {
    this.#work = work;
    this.#working.resolve();
    this.#send({ type: 'started', port });
  }

  /** The database has been reached. */
  ready(): void {
    this.#send({ type: 'ready' });
  }

  /** Ends the process because of what starting it again would not mend. */
  fail(error: unknown, exitCode: number): void {
    this.#log.error('this process cannot go on', { error });
    this.#send({ type: 'fatal', message: error instanceof Error ? error.message : String(error) });
    process.exit(exitCode);
  }

  #hear(): void {
    const beat = () => this.#send({ type: 'heartbeat', isDatabaseUp: this.#work?.isDatabaseUp() === true });
    setInterval(beat, HEARTBEAT_MS);
    process.on('message', (message: ToChild) => this.#receive(message));
    process.on('disconnect', () => this.#orphaned());
  }

  #receive(message: ToChild): void {
    if (message.type === 'begin') {
      this.#hasBegun = true;
      this.#begun.resolve();
    } else if (message.type === 'listen') {
      this.#isAlone = true;
      this.#alone.resolve();
    } else if (message.type === 'drain') this.#drainWithin(message, 'the supervisor asks for it');
    else this.#send({ type: 'metrics', id: message.id, snapshot: this.#work?.metrics() });
  }

  #orphaned(): void {
    const { delayMs, withinMs } = this.#limits;
    this.#drainWithin({ delayMs: Math.min(ORPHAN_DELAY_MS, delayMs), withinMs }, 'the supervisor is gone');
  }

  #drainWithin({ delayMs, withinMs }: DrainLimits, reason: string): void {
    this.#limits = { delayMs, withinMs };
    this.#begin(reason);
  }

  async #drain(): Promise<void> {
    this.#send({ type: 'draining' });
    if ((this.#beginsToDrain || this.#isAlone) && this.#hasBegun) await this.#working.promise;
    await this.#work?.drain(this.#limits);
    this.#send({ type: 'last-metrics', snapshot: this.#work?.metrics() });
  }

  #send(message: ToSupervisor): void {
    try {
      if (process.connected) process.send?.(message);
    } catch (error) {
      this.#log.debug('the supervisor cannot be told', { error });
    }
  }
}
