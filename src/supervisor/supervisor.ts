import type { Logger } from '../observability/log.ts';
import { Child, type Exit } from './child.ts';
import type { Role } from './messages.ts';
import type { DrainLimits } from './parent.ts';
import { Slot } from './slot.ts';

export interface SupervisorOptions {
  readonly webConcurrency: number;
  /** Runs a role of this executable. */
  readonly command: (role: Role, index: number) => readonly string[];
  /** For a child; `port` is the one to listen on. */
  readonly environment: (port: number) => Readonly<Record<string, string | undefined>>;
  /** 0: any free one, which all web processes then share. */
  readonly port: number;
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  readonly stuckAfterMs: number;
  readonly log: Logger;
}

/** Processes that end at their start so often in a row, while none of their role ever did it, will not start at all. */
const START_ATTEMPTS = 5;

/** Of the time to end, this much belongs to the recorder: it begins when the last visit has been written. */
const RECORDER_SHARE = 0.4;

const DATABASE_POLL_MS = 500;

/** Starts the web processes and the recorder, keeps them running, replaces and ends them. Never touches a request. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #webs: readonly Slot[];
  readonly #recorder: Slot;
  /** All that have not ended, also those that are being replaced. */
  readonly #webProcesses = new Set<Child>();
  readonly #hasStarted = new Set<Role>();
  readonly #hasBeenReady = new Set<Role>();
  readonly #failed = Promise.withResolvers<string>();
  readonly #webStarted = Promise.withResolvers<void>();
  readonly #webReady = Promise.withResolvers<void>();
  #port: number;
  #hasBegun = false;
  #isStopping = false;
  #replacing: Promise<void> | undefined;
  #replaceAgain = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#webs = Array.from({ length: options.webConcurrency }, (_, i) => this.#slot('web', i + 1));
    this.#recorder = this.#slot('recorder', 1);
  }

  /** Resolves once a web process has reached the database. */
  get ready(): Promise<void> {
    return this.#webReady.promise;
  }

  /** Resolves with why, when processes cannot be started at all. */
  get failed(): Promise<string> {
    return this.#failed.promise;
  }

  /** The processes of a role that run now. */
  children(role: Role): Child[] {
    const slots = role === 'web' ? this.#webs : [this.#recorder];
    return slots.flatMap(({ current }) => current ?? []);
  }

  /** How often processes of a role had to be started again. */
  restarts(role: Role): number {
    return role === 'web' ? this.#webs.reduce((sum, { restarts }) => sum + restarts, 0) : this.#recorder.restarts;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Starts a web process, which only loads its program until `begin`, and the others once it listens: they follow to
   * its port, and the first redirect does not share the processor with them (109 ms instead of 124 on two cores).
   * Resolves with the port then; see `failed` for when none ever will.
   */
  async start(): Promise<number> {
    const [first, ...others] = this.#webs;
    first?.start();
    await this.#webStarted.promise;
    if (this.#isStopping) return this.#port;
    for (const slot of others) slot.start();
    this.#recorder.start();
    return this.#port;
  }

  /** What the processes need is there. */
  begin(): void {
    this.#hasBegun = true;
    for (const child of this.children('web')) child.begin();
  }

  /** Replaces the web processes one after the other. Asked for again meanwhile, it begins anew after that. */
  replaceAll(): void {
    if (this.#isStopping) return;
    this.#replaceAgain = this.#replacing !== undefined;
    this.#replacing ??= this.#replaceEach().finally(() => {
      this.#replacing = undefined;
      if (this.#replaceAgain) this.replaceAll();
    });
  }

  /** Ends the web processes, then the recorder, whose last visits come from them. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { drainDelayMs: delayMs, drainTimeoutMs, log } = this.#options;
    const endAtMs = performance.now() + delayMs + drainTimeoutMs;
    const limits: DrainLimits = { delayMs, withinMs: delayMs + drainTimeoutMs * (1 - RECORDER_SHARE) };
    await Promise.all(this.#webs.map((slot) => slot.stop(limits)));
    const recorderLimits = { delayMs: 0, withinMs: endAtMs - performance.now() };
    const isDone = await this.#recorder.stop(recorderLimits, { hasLastWork: true });
    if (!isDone)
      log.warn('the recorder did not end in order; what it has not recorded waits on disk for the next start');
  }

  /** Ends everything at once. */
  kill(): void {
    this.#isStopping = true;
    for (const slot of [...this.#webs, this.#recorder]) slot.kill();
  }

  #slot(role: Role, index: number): Slot {
    const { log } = this.#options;
    return new Slot({
      log,
      spawn: () => this.#spawn(role, index),
      hopeless: (child, exit, failures) => this.#hopeless(child, exit, failures),
      onHopeless: (reason) => this.#failed.resolve(reason),
    });
  }

  #spawn(role: Role, index: number): Child {
    const { command, environment, log, stuckAfterMs } = this.#options;
    const child = new Child({
      role,
      index,
      command: command(role, index),
      environment: environment(this.#port),
      log,
      stuckAfterMs,
    });
    if (role === 'web') this.#letOneListen(child);
    if (this.#hasBegun) child.begin();
    child.started.then((isStarted) => isStarted && this.#started(child));
    child.ready.then((isReady) => isReady && this.#ready(role));
    return child;
  }

  /**
   * Web processes listen when they are ready, and share what arrives with those that do. Where there are none of these,
   * one that answers what it can is better than nobody.
   */
  #letOneListen(newcomer: Child): void {
    const webs = this.#webProcesses;
    const check = () => {
      if (this.#isStopping || [...webs].some(({ willListen }) => willListen)) return;
      const [first] = webs;
      first?.listen();
    };
    webs.add(newcomer);
    check();
    newcomer.exited.then(() => {
      webs.delete(newcomer);
      check();
    });
  }

  #started({ role, port }: Child): void {
    this.#hasStarted.add(role);
    if (role !== 'web') return;
    if (this.#port === 0) this.#port = port ?? 0;
    this.#webStarted.resolve();
  }

  #ready(role: Role): void {
    this.#hasBeenReady.add(role);
    if (role === 'web') this.#webReady.resolve();
  }

  /** Once a process has worked, the next one may: then hop goes on trying, and what still runs goes on working. */
  #hopeless({ role, fatal }: Child, { exitCode, signal }: Exit, failures: number): string | undefined {
    if (fatal !== undefined && !this.#hasBeenReady.has(role)) return fatal;
    if (this.#hasStarted.has(role)) return undefined;
    const how = `the ${role} process cannot start: it ended with ${signal ?? `exit code ${exitCode}`}`;
    if (fatal === undefined && failures < START_ATTEMPTS) return undefined;
    return `${how}, ${failures} times; its messages stand above`;
  }

  async #replaceEach(): Promise<void> {
    const { log, drainDelayMs: delayMs, drainTimeoutMs } = this.#options;
    log.info('replacing the web processes');
    for (const slot of this.#webs) {
      await this.#databaseUp(slot);
      if (this.#isStopping) return;
      if (slot.current === undefined) continue; // about to be started anyway
      const isReplaced = await slot.replace({ delayMs, withinMs: delayMs + drainTimeoutMs });
      if (this.#isStopping) return;
      if (!isReplaced) return log.error('a new web process did not become ready; the old ones go on');
    }
    log.info('all web processes are new');
  }

  /** A new process without a database knows no link, while the old one redirects from memory. */
  async #databaseUp(slot: Slot): Promise<void> {
    if (slot.current?.isDatabaseUp !== false) return;
    this.#options.log.warn('replacing no web process while the database is down');
    while (slot.current?.isDatabaseUp === false && !this.#isStopping) await Bun.sleep(DATABASE_POLL_MS);
  }
}
