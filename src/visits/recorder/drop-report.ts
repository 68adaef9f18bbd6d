import type { Logger } from '../../observability/log.ts';
import type { VisitBatch } from '../visit-batch.ts';

/** A scan of random codes drops visits with every frame: one line a minute says as much. */
const INTERVAL_MS = 60_000;

/** Logs what writers had to drop. */
export class DropReport {
  readonly #log: Logger;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #droppedOrphans = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  add({ dropped, droppedOrphans }: Pick<VisitBatch, 'dropped' | 'droppedOrphans'>): void {
    this.#dropped += dropped;
    this.#droppedOrphans += droppedOrphans;
    if (this.#dropped + this.#droppedOrphans === 0 || performance.now() - this.#reportedAtMs < INTERVAL_MS) return;
    const counts = { dropped: this.#dropped, droppedOrphans: this.#droppedOrphans };
    // Orphan visits beyond their budget are dropped by design.
    if (this.#dropped > 0) this.#log.error('visits were dropped for want of room', counts);
    else this.#log.warn('orphan visits were dropped: more came than are recorded', counts);
    this.#reportedAtMs = performance.now();
    this.#dropped = this.#droppedOrphans = 0;
  }
}
