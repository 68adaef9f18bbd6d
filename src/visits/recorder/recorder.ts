import type { Logger } from '../../observability/log.ts';
import type { JournalGap, VisitBatch, VisitStore } from '../visit-batch.ts';
import { decodeFrame } from './batch.ts';
import { BatchSize } from './batch-size.ts';
import type { Classify } from './classify.ts';
import { newCounters, type RecorderCounters } from './counters.ts';
import { Delivery } from './delivery.ts';
import { DropReport } from './drop-report.ts';
import type { JournalSource, Portion } from './journal-source.ts';
import { Journals, type JournalsOptions } from './journals.ts';
import { Portions } from './portions.ts';
import { Retries } from './retries.ts';

export interface RecorderOptions extends JournalsOptions {
  readonly store: VisitStore;
  readonly classify: Classify;
  /** Whether the database has refused the data itself. */
  readonly isRefusal: (error: unknown) => boolean;
  /** What says that the database took too long, if that was it. */
  readonly slownessOf: (error: unknown) => Error | undefined;
  readonly log: Logger;
  /** Called after each batch that was stored: for tests of what happens when we end there. */
  readonly afterApply?: (() => void) | undefined;
  /** Visits of a batch, about; default 10,000. */
  readonly maxBatch?: number | undefined;
  /** Between two looks whether the database has gone back to an older state; default 3 s. */
  readonly checkpointMs?: number | undefined;
}

/**
 * Visits of a batch when there are more than enough: the fixed costs of a call are spread over them, and a call takes
 * a fraction of the time that the database gives a write. When it takes longer than that, see {@link BatchSize}.
 */
const MAX_BATCH = 10_000;
/** Between two looks for new visits: the more come at a time, the less each costs. */
const POLL_MS = 150;
/** Between two looks for what has changed without us: writers that died, a database that has gone back. */
const UPKEEP_MS = 1_000;
const CHECKPOINT_MS = 3_000;
const DRAIN_MS = 8_000;
/** A database that fails this long while we end will not come back in time. */
const DRAIN_PATIENCE_MS = 2_000;

/** What a look at the journals has brought: as much as fits in a batch (so there may be more), or less. */
type Found = 'more' | 'some' | 'nothing' | 'failure';

/**
 * Brings visits from the journals of a directory to the database, in the order of each journal. The database's
 * checkpoints are the only truth: whatever happens to us or to it, nothing is stored twice, and what is missing is
 * counted and passed over.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #journals: Journals;
  readonly #delivery: Delivery;
  readonly #counters = newCounters();
  readonly #portions: Portions;
  readonly #retries = new Retries();
  readonly #drops: DropReport;
  readonly #batchSize: BatchSize;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #upkeptAtMs = Number.NEGATIVE_INFINITY;
  #caughtUpAtMs = performance.now();
  #underWay: Promise<void> = Promise.resolve();
  #drainingSinceMs: number | undefined;
  #isStopped = false;
  #wake = () => {};
  #done: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#journals = new Journals(options);
    this.#batchSize = new BatchSize(options.maxBatch ?? MAX_BATCH);
    this.#drops = new DropReport(options.log);
    this.#portions = new Portions(options.log, this.#counters);
    this.#delivery = new Delivery({ ...options, onApplied: (batch) => this.#applied(batch) });
  }

  get counters(): Readonly<RecorderCounters> {
    return this.#counters;
  }

  /** Seconds since nothing more was waiting in the journals. */
  get lagS(): number {
    return (performance.now() - this.#caughtUpAtMs) / 1000;
  }

  /** What waits in the journals; of what has been read, the rest of a batch is left out. */
  get lagBytes(): number {
    return this.#journals.unreadBytes;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /**
   * Ends after the call under way; with `drain` not before everything that is there has been stored, if that can be
   * done within this time.
   */
  async stop({ drain, withinMs = DRAIN_MS }: { readonly drain: boolean; readonly withinMs?: number }): Promise<void> {
    const halt = () => {
      this.#isStopped = true;
      this.#wake();
    };
    if (!drain) halt();
    const timer = setTimeout(halt, withinMs);
    this.#drainingSinceMs ??= performance.now();
    this.#wake();
    await this.#done;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const isDraining = this.#drainingSinceMs !== undefined;
      const found = await this.#round(isDraining);
      if (isDraining && this.#isDrained(found)) return;
      if (found === 'failure') await this.#pause(this.#retries.delayMs);
      else if (found !== 'more' && this.#drainingSinceMs === undefined) await this.#pause(POLL_MS);
    }
  }

  #isDrained(found: Found): boolean {
    if (found !== 'failure') return found === 'nothing';
    return performance.now() - (this.#drainingSinceMs ?? 0) > DRAIN_PATIENCE_MS;
  }

  /** Looks at each journal once, oldest first. */
  async #round(isThorough: boolean): Promise<Found> {
    try {
      const isUpkeepDue = this.#isUpkeepDue(isThorough);
      this.#journals.refresh(isUpkeepDue);
      await this.#check(isThorough);
      if (isUpkeepDue) this.#journals.clean(performance.now());
      const found = new Set<Found>();
      for (const source of this.#journals.sources) found.add(await this.#record(source));
      await this.#settle();
      this.#succeeded();
      if (found.has('more')) {
        this.#batchSize.succeeded();
        return 'more';
      }
      this.#caughtUpAtMs = performance.now();
      return found.has('some') ? 'some' : 'nothing';
    } catch (error) {
      await this.#settle().catch(() => {});
      this.#failed(error);
      return 'failure';
    }
  }

  #isUpkeepDue(isThorough: boolean): boolean {
    const nowMs = performance.now();
    if (!isThorough && nowMs - this.#upkeptAtMs < UPKEEP_MS) return false;
    this.#upkeptAtMs = nowMs;
    return true;
  }

  /** Asks the database how far it is: of journals of which we do not know, and from time to time of all. */
  async #check(isThorough: boolean): Promise<void> {
    const nowMs = performance.now();
    const isDue = isThorough || nowMs - this.#checkedAtMs >= (this.#options.checkpointMs ?? CHECKPOINT_MS);
    const asked = this.#journals.sources.filter((source) => isDue || source.next === undefined);
    if (asked.length > 0) {
      const checkpoints = await this.#options.store.lastSequences(asked.map(({ journalId }) => journalId));
      for (const source of asked) this.#confirm(source, checkpoints.get(source.journalId) ?? 0, nowMs);
    }
    if (isDue) this.#checkedAtMs = nowMs;
  }

  #confirm(source: JournalSource, checkpoint: number, nowMs: number): void {
    const { next } = source;
    source.confirm(checkpoint, nowMs);
    if (next === undefined || checkpoint + 1 >= next) return;
    this.#options.log.warn('the database has gone back to an older state: visits are sent again', {
      journal: source.journalId,
      from: checkpoint + 1,
      to: next - 1,
    });
  }

  /** Stores one portion of a journal, which is prepared while the one before is still under way. */
  async #record(source: JournalSource): Promise<Found> {
    const portion = this.#portions.next(source, this.#batchSize.visits);
    if (portion === undefined) return 'nothing';
    const { generation } = source;
    const send = this.#prepare(source, portion);
    await this.#settle();
    if (source.generation !== generation) return 'more';
    this.#underWay = this.#send(source, send);
    this.#underWay.catch(() => {}); // is seen by #settle
    return portion.isFull ? 'more' : 'some';
  }

  #prepare(source: JournalSource, portion: Portion): () => Promise<boolean> {
    const { journalId } = source;
    if (portion.kind === 'gap')
      return () => this.#skip({ journalId, firstSequence: portion.first, lastSequence: portion.last });
    const frames = portion.frames.map((frame) => decodeFrame(frame, this.#options.classify));
    return () => this.#delivery.deliver(journalId, frames);
  }

  async #send(source: JournalSource, send: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await send())) source.reset();
    } catch (error) {
      source.reset();
      throw error;
    }
  }

  /** Waits for what is under way, and throws what it has failed with. */
  async #settle(): Promise<void> {
    const underWay = this.#underWay;
    this.#underWay = Promise.resolve();
    await underWay;
  }

  async #skip(gap: JournalGap): Promise<boolean> {
    const isSkipped = await this.#options.store.skip(gap);
    if (!isSkipped) return false;
    this.#counters.gaps++;
    this.#counters.lostFrames += gap.lastSequence - gap.firstSequence + 1;
    this.#options.log.error('a part of a journal is lost', { ...gap });
    return true;
  }

  #applied(batch: VisitBatch): void {
    const counters = this.#counters;
    counters.batches++;
    counters.visits += batch.visits.length;
    counters.rejected += batch.rejected.length;
    counters.dropped += batch.dropped;
    counters.droppedOrphans += batch.droppedOrphans;
    this.#drops.add(batch);
    const { journalId: journal, rejected } = batch;
    if (rejected.length > 0)
      this.#options.log.error('visits were refused', { journal, count: rejected.length, reason: rejected[0]?.reason });
    this.#options.afterApply?.();
  }

  #succeeded(): void {
    if (this.#retries.succeeded()) this.#options.log.info('visits are recorded again');
  }

  #failed(error: unknown): void {
    this.#counters.failures++;
    const slowness = this.#options.slownessOf(error);
    const { visits } = this.#batchSize;
    this.#batchSize.failed({ isTooSlow: slowness !== undefined });
    if (!this.#retries.failed()) return;
    if (slowness === undefined)
      this.#options.log.error('visits cannot be recorded at the moment; they wait in the journal', { error });
    else this.#options.log.warn('visits took too long to store; fewer at a time are next', { visits, error: slowness });
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
