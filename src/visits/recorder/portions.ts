import type { Logger } from '../../observability/log.ts';
import type { RecorderCounters } from './counters.ts';
import type { JournalSource, Portion } from './journal-source.ts';

/** A segment that could not be read this many times in a row, over some seconds, will not be. */
const MAX_FAILURES = 20;

/** Reads journals, and gives up what cannot be read. */
export class Portions {
  readonly #log: Logger;
  readonly #counters: RecorderCounters;
  readonly #failures = new Map<JournalSource, number>();

  constructor(log: Logger, counters: RecorderCounters) {
    this.#log = log;
    this.#counters = counters;
  }

  /** About so many visits, or a gap; undefined when there is nothing, or it cannot be read at the moment. */
  next(source: JournalSource, maxVisits: number): Portion | undefined {
    try {
      const portion = source.take(maxVisits);
      this.#failures.delete(source);
      return portion;
    } catch (error) {
      // Removed since the list was made: what is missing, if anything is, shows with the next one.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#failed(source, error);
      return undefined;
    }
  }

  #failed(source: JournalSource, error: unknown): void {
    const { journalId: journal } = source;
    const failures = (this.#failures.get(source) ?? 0) + 1;
    this.#counters.failures++;
    this.#failures.set(source, failures);
    if (failures === 1) this.#log.error('a journal cannot be read', { journal, error });
    if (failures < MAX_FAILURES) return;
    this.#log.error('a segment that cannot be read is given up', { journal, error });
    this.#failures.delete(source);
    source.passOver();
  }
}
