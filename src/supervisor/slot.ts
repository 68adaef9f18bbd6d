import type { Logger } from '../observability/log.ts';
import { BackOff } from './back-off.ts';
import type { Child, Exit } from './child.ts';
import type { DrainLimits } from './parent.ts';

export interface SlotOptions {
  readonly spawn: () => Child;
  readonly log: Logger;
  /** Asked when a process has ended: why it is of no use to start another one, or undefined. */
  readonly hopeless: (child: Child, exit: Exit, failures: number) => string | undefined;
  readonly onHopeless: (reason: string) => void;
}

/** A new process that cannot reach its database in this time is given up; the old one stays. */
const REPLACE_TIMEOUT_MS = 30_000;

/** The place of one process, in which another one is started when it ends. */
export class Slot {
  readonly #options: SlotOptions;
  readonly #backOff = new BackOff();
  #current: Child | undefined;
  /** Also those that have been replaced and have not ended yet. */
  readonly #children = new Set<Child>();
  #isStopping = false;
  /** Defined while a process that has ended waits to be started again. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** The process that does the work; undefined between two. */
  get current(): Child | undefined {
    return this.#current;
  }

  /** How often a process was started after the first, and not as a replacement that was asked for. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): Child {
    const child = this.#spawn();
    this.#install(child);
    return child;
  }

  /** A new process first; the old one ends once the new one is ready. Resolves with whether that came about. */
  async replace(limits: DrainLimits): Promise<boolean> {
    const old = this.#current;
    const child = this.#trySpawn();
    if (child === undefined) return false;
    if (!(await becomesReady(child)) || this.#isStopping || this.#current !== old) {
      if (!this.#isStopping) await child.drain(0, limits.withinMs - limits.delayMs);
      return false;
    }
    this.#install(child);
    await old?.drain(limits.delayMs, limits.withinMs);
    return true;
  }

  /**
   * Ends what runs here, for good. Resolves with whether all of it ended in order. With `hasLastWork` also what would
   * run here if it had not just ended, and waits to be started again: once more, to do what is left.
   */
  async stop(limits: DrainLimits, { hasLastWork = false } = {}): Promise<boolean> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (hasLastWork && this.#timer !== undefined) this.#trySpawn();
    const ends = await Promise.all([...this.#children].map((child) => child.drain(limits.delayMs, limits.withinMs)));
    return ends.every(Boolean);
  }

  /** Ends it at once. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    for (const child of this.#children) child.kill('ending at once');
  }

  /** Undefined when the system does not let us: too many processes, or the program is being exchanged. */
  #trySpawn(): Child | undefined {
    try {
      return this.#spawn();
    } catch (error) {
      this.#options.log.error('a process cannot be started', { error });
      return undefined;
    }
  }

  /** @throws what the system says */
  #spawn(): Child {
    const child = this.#options.spawn();
    this.#children.add(child);
    child.exited.then(() => this.#children.delete(child));
    return child;
  }

  #install(child: Child): void {
    this.#current = child;
    child.exited.then((exit) => this.#ended(child, exit));
    child.draining.then(() => this.#leaving(child));
  }

  /** Somebody else told it to end: another one takes its place while it finishes. */
  #leaving(child: Child): void {
    if (this.#isStopping || this.#current !== child || !child.isAlive) return;
    this.#options.log.info('a process was told to end; starting another one', child.fields);
    this.#restart();
  }

  #ended(child: Child, exit: Exit): void {
    if (this.#isStopping || this.#current !== child) return;
    this.#current = undefined;
    const delayMs = this.#backOff.next(performance.now() - child.startedAtMs);
    const reason = this.#options.hopeless(child, exit, this.#backOff.failures);
    if (reason !== undefined) {
      this.#options.onHopeless(reason);
      return;
    }
    this.#options.log.error('a process has ended; starting it again', { ...child.fields, ...exit, delayMs });
    this.#restartAfter(delayMs);
  }

  #restartAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#restart(), delayMs);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const child = this.#trySpawn();
    // The supervisor outlives that: its end would end those who still serve.
    if (child === undefined) {
      this.#restartAfter(this.#backOff.next(0));
      return;
    }
    this.#restarts++;
    this.#install(child);
  }
}

async function becomesReady(child: Child): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), REPLACE_TIMEOUT_MS);
  return await Promise.race([child.ready, late]).finally(() => clearTimeout(timer));
}
