import { encodeVisit } from '../record.ts';
import type { RejectedVisit, VisitBatch, VisitStore } from '../visit-batch.ts';
import { batchOf, type FrameVisits, storable } from './batch.ts';
import { SplitFrames } from './split-frames.ts';

export interface DeliveryOptions {
  /** Of the journals. */
  readonly directory: string;
  readonly store: VisitStore;
  /** Whether the database has refused what was to be stored, so that sending it again cannot help. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly onApplied: (batch: VisitBatch) => void;
}

/** For ids of journals that stand for a frame; any other than those of the RFC would do. */
const FRAME_NAMESPACE = '6f0e3a52-5d0b-4c4e-9f8e-0b6c6f1d2a77';

/** Brings frames to the database, also those that it refuses as they are. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #split: SplitFrames;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#split = new SplitFrames(options.directory);
  }

  /**
   * Stores frames, in order and without a hole; halves what is refused, down to the visit. False when the database's
   * checkpoint is not where it should be: then what is stored of them is to be asked.
   */
  async deliver(journalId: string, frames: readonly FrameVisits[]): Promise<boolean> {
    try {
      const isSplit = frames.some(({ sequence }) => this.#split.has(journalId, sequence));
      if (!isSplit) return await this.#apply(batchOf(journalId, frames));
    } catch (error) {
      if (!this.#options.isRefusal(error)) throw error;
    }
    const [only] = frames;
    if (only === undefined) return true;
    if (frames.length === 1) return this.#deliverOneByOne(journalId, only);
    const half = frames.length >> 1;
    return (
      (await this.deliver(journalId, frames.slice(0, half))) && (await this.deliver(journalId, frames.slice(half)))
    );
  }

  /**
   * The database can store a part of a frame only if it can say later which part it has: so a refused frame becomes a
   * journal, in which each visit has a sequence number. Its id depends on the frame alone; whoever goes on with it,
   * after whatever end of ours, finds how far it has come.
   */
  async #deliverOneByOne(journalId: string, frame: FrameVisits): Promise<boolean> {
    const frameId = Bun.randomUUIDv5(`${journalId}/${frame.sequence}`, FRAME_NAMESPACE);
    this.#split.begin(journalId, frame.sequence);
    const stored = (await this.#options.store.lastSequences([frameId])).get(frameId) ?? 0;
    const parts = frame.visits.map((visit, index) => ({ ...NOTHING, sequence: index + 1, visits: [visit] }));
    if (!(await this.#deliverParts(frameId, parts.slice(stored)))) return false;
    const isApplied = await this.#apply(batchOf(journalId, [{ ...frame, visits: [] }]));
    if (isApplied) this.#split.end(journalId, frame.sequence);
    return isApplied;
  }

  async #deliverParts(frameId: string, parts: readonly FrameVisits[]): Promise<boolean> {
    if (parts.length === 0) return true;
    try {
      return await this.#apply(batchOf(frameId, parts));
    } catch (error) {
      if (!this.#options.isRefusal(error)) throw error;
      if (parts.length === 1)
        return this.#apply(
          batchOf(
            frameId,
            parts.map((part) => refused(part, error)),
          ),
        );
    }
    const half = parts.length >> 1;
    return (
      (await this.#deliverParts(frameId, parts.slice(0, half))) &&
      (await this.#deliverParts(frameId, parts.slice(half)))
    );
  }

  async #apply(batch: VisitBatch): Promise<boolean> {
    const isApplied = await this.#options.store.apply(batch);
    if (isApplied) this.#options.onApplied(batch);
    return isApplied;
  }
}

const NOTHING = { rejected: [], dropped: 0, droppedOrphans: 0 };

function refused(part: FrameVisits, error: unknown): FrameVisits {
  const reason = storable(describe(error));
  const rejected = part.visits.map((visit): RejectedVisit => {
    return { sequence: part.sequence, position: 0, record: storable(encodeVisit(visit)), reason };
  });
  return { ...part, visits: [], rejected };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${error.code}: ${error.message}` : error.message;
}
