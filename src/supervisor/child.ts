import type { Subprocess } from 'bun';
import type { LogFields, Logger } from '../observability/log.ts';
import { HEARTBEAT_MS, type Role, type ToChild, type ToSupervisor } from './messages.ts';

export interface ChildOptions {
  readonly role: Role;
  /** Which of its role, from 1. */
  readonly index: number;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Without a sign of life for so long it is killed. */
  readonly stuckAfterMs: number;
}

export interface Exit {
  readonly exitCode: number | null;
  /** Its name. */
  readonly signal: Subprocess['signalCode'];
}

/** A process that loads from a cold disk says nothing for a while. */
const START_TIMEOUT_MS = 30_000;

/** How long a child may take longer than it was given, before it is killed. */
const GRACE_MS = 1_000;

const METRICS_TIMEOUT_MS = 1_000;

/** A process of our own executable, seen from the supervisor: from its start to its end, which is always noticed. */
export class Child {
  readonly role: Role;
  readonly startedAtMs = performance.now();
  readonly exited: Promise<Exit>;
  #port: number | undefined;
  #fatal: string | undefined;
  #isDatabaseUp = false;
  #isStarted = false;
  #isReady = false;
  #mustListen = false;
  #isGone = false;
  readonly #options: ChildOptions;
  readonly #process: Subprocess;
  readonly #started = Promise.withResolvers<boolean>();
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #draining = Promise.withResolvers<void>();
  readonly #answers = new Map<number, (snapshot: unknown) => void>();
  #requests = 0;
  #lastMetrics: unknown;
  /** Counted by ticks and not by the clock: after a pause of the whole machine a child is not to blame. */
  #silentTicks = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.role = options.role;
    this.#process = spawn(options, (message) => this.#receive(message));
    const watch = setInterval(() => this.#tick(), HEARTBEAT_MS);
    this.exited = this.#process.exited.then(() => {
      clearInterval(watch);
      this.#end();
      return { exitCode: this.#process.exitCode, signal: this.#process.signalCode };
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it has begun its work; false once it has ended without. */
  get started(): Promise<boolean> {
    return this.#started.promise;
  }

  /** Whether it has reached its database; false once it has ended without. */
  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  /** Resolves when it begins to end or has ended. */
  get draining(): Promise<void> {
    return this.#draining.promise;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isAlive(): boolean {
    return !this.#isGone;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isGone;
  }

  /** Whether it listens, or will as soon as it can. */
  get willListen(): boolean {
    return this.#isStarted || this.#mustListen;
  }

  get isDatabaseUp(): boolean {
    return this.#isDatabaseUp;
  }

  get port(): number | undefined {
    return this.#port;
  }

  /** Why it says that it cannot work. */
  get fatal(): string | undefined {
    return this.#fatal;
  }

  /** What it had counted when its work was done; undefined before, and for one that did not end in order. */
  get lastMetrics(): unknown {
    return this.#lastMetrics;
  }

  /** Lets it listen before it is ready: nobody else does. */
  listen(): void {
    this.#mustListen = true;
    this.#send({ type: 'listen' });
  }

  /** Lets its work begin. */
  begin(): void {
    this.#send({ type: 'begin' });
  }

  /** Lets it end in order, and ends it if it takes too long. Resolves with whether it ended in order. */
  async drain(delayMs: number, withinMs: number): Promise<boolean> {
    this.#send({ type: 'drain', delayMs, withinMs });
    const late = setTimeout(() => this.kill('it did not end in time'), withinMs + GRACE_MS);
    const { exitCode } = await this.exited;
    clearTimeout(late);
    return exitCode === 0;
  }

  /** Its metrics; undefined when it does not answer within a second. */
  metrics(): Promise<unknown> {
    const id = ++this.#requests;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const late = setTimeout(() => resolve(undefined), METRICS_TIMEOUT_MS);
    this.#answers.set(id, resolve);
    this.#send({ type: 'metrics', id });
    return promise.finally(() => {
      clearTimeout(late);
      this.#answers.delete(id);
    });
  }

  kill(reason: string): void {
    if (this.#isGone) return;
    this.#options.log.error('killing a process', { ...this.fields, reason });
    this.#process.kill('SIGKILL');
  }

  /** Names it in the log. */
  get fields(): LogFields {
    return { child: `${this.role} ${this.#options.index}`, childPid: this.pid };
  }

  #send(message: ToChild): void {
    // It may be gone already; then `exited` says all that there is to say.
    try {
      if (!this.#isGone) this.#process.send(message);
    } catch (error) {
      this.#options.log.debug('a process cannot be told', { ...this.fields, error });
    }
  }

  #receive(message: ToSupervisor): void {
    this.#silentTicks = 0;
    switch (message.type) {
      case 'started':
        this.#isStarted = true;
        this.#port = message.port;
        this.#started.resolve(true);
        break;
      case 'ready':
        this.#isReady = true;
        this.#isDatabaseUp = true;
        this.#ready.resolve(true);
        break;
      case 'heartbeat':
        this.#isDatabaseUp = message.isDatabaseUp;
        break;
      case 'draining':
        this.#draining.resolve();
        break;
      case 'fatal':
        this.#fatal = message.message;
        break;
      case 'last-metrics':
        this.#lastMetrics = message.snapshot;
        break;
      case 'metrics':
        this.#answers.get(message.id)?.(message.snapshot);
    }
  }

  #tick(): void {
    const limitMs = this.#isStarted ? this.#options.stuckAfterMs : START_TIMEOUT_MS;
    if (++this.#silentTicks * HEARTBEAT_MS > limitMs) this.kill('it shows no sign of life');
  }

  #end(): void {
    this.#isGone = true;
    this.#isDatabaseUp = false;
    this.#started.resolve(false);
    this.#ready.resolve(false);
    this.#draining.resolve();
    for (const resolve of this.#answers.values()) resolve(undefined);
  }
}

function spawn({ command, environment }: ChildOptions, receive: (message: ToSupervisor) => void): Subprocess {
  return Bun.spawn([...command], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    serialization: 'json',
    ipc: (message: ToSupervisor) => receive(message),
    // In a session of its own: a terminal's Ctrl-C is for the supervisor, which then ends its children in order.
    detached: true,
  });
}
