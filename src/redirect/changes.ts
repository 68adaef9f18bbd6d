import type { Logger } from '../observability/log.ts';
import type { ChangePage, ShortUrlChange } from './store.ts';

export interface ChangeFeedOptions {
  readonly read: (sinceMs: number | null) => Promise<ChangePage>;
  readonly pollMs: number;
  /** How long after its timestamp a change may become visible: the write statement_timeout and some clock. */
  readonly overlapMs: number;
  /** How far back the log reaches; after a longer absence changes may have been missed. */
  readonly retentionMs: number;
  readonly onChange: (change: ShortUrlChange) => void;
  /** Anything may have changed. */
  readonly onEverything: (reason: string) => void;
  readonly log: Logger;
}

/**
 * Follows the log of changes from the first `poll` on, so that an edit made by another process is known here within a poll. Sequence numbers
 * are handed out before commit, so a later number can become visible first: the log is read by time, with an overlap,
 * and numbers seen before are passed over.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  #last: ChangePage | undefined;
  #seen = new Set<number>();
  #polling: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hinted = false;
  #closed = false;
  readonly #ends: (() => void)[] = [];

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** Somebody says that there is something new: read now, or once more if a reading is under way. */
  hint(): void {
    if (this.#polling !== undefined) this.#hinted = true;
    else void this.poll();
  }

  /** Reads the log once; concurrent calls share the reading. False when it could not be read. */
  poll(): Promise<boolean> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
      this.#schedule();
    });
    return this.#polling;
  }

  /** Something else to end with the feed. */
  onClose(end: () => void): void {
    this.#ends.push(end);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const end of this.#ends) end();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.poll(), this.#hinted ? 0 : this.#options.pollMs);
    this.#hinted = false;
  }

  async #poll(): Promise<boolean> {
    const { read, overlapMs, log } = this.#options;
    try {
      const page = await read(this.#last === undefined ? null : this.#last.readAtMs - overlapMs);
      if (this.#closed) return false;
      this.#apply(page);
      this.#last = page;
      return true;
    } catch (error) {
      // The database says so itself; links are served on as they are.
      log.debug('changes could not be read', { error });
      return false;
    }
  }

  #apply(page: ChangePage): void {
    const last = this.#last;
    const reason = last === undefined ? undefined : this.#discontinuity(last, page);
    if (reason !== undefined) this.#options.onEverything(reason);
    for (const change of page.changes) {
      if (!this.#seen.has(change.seq)) this.#options.onChange(change);
    }
    this.#seen = new Set(page.changes.map((change) => change.seq));
  }

  /** Why the log cannot be followed from the last reading to this one, if so. */
  #discontinuity(last: ChangePage, page: ChangePage): string | undefined {
    if (page.serverStartedAtMs !== last.serverStartedAtMs) return 'the database server is another or was restarted';
    if (page.lastSeq < last.lastSeq && page.lastSeq > 0) return 'the change log is older than what was seen of it';
    if (page.readAtMs - last.readAtMs > this.#options.retentionMs) return 'the change log was not read for too long';
    return undefined;
  }
}
