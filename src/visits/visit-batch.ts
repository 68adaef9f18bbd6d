import type { ClassifiedVisit } from './classified-visit.ts';

/** Whole frames of one journal, in order and without a hole, to be stored together or not at all. */
export interface VisitBatch {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly visits: readonly ClassifiedVisit[];
  /** Visits of these frames that the database has refused one by one. */
  readonly rejected: readonly RejectedVisit[];
  /** Dropped by the writer for want of room, as its frames say. */
  readonly dropped: number;
  readonly droppedOrphans: number;
}

export interface RejectedVisit {
  readonly sequence: number;
  /** Position within its frame, from 0. */
  readonly position: number;
  /** As much of the record as can be stored. */
  readonly record: string;
  /** SQLSTATE and message. */
  readonly reason: string;
}

/** A range of sequences that is lost: damaged, or no longer there when it had to be sent again. */
export interface JournalGap {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** What the recorder needs of the database. Every call is one statement and may be repeated after any failure. */
export interface VisitStore {
  /** The database's checkpoint of each journal; a journal that it does not know is registered at 0. */
  lastSequences(journalIds: readonly string[]): Promise<Map<string, number>>;
  /** Stores the batch if the journal's checkpoint is `firstSequence − 1`, and says whether it was. */
  apply(batch: VisitBatch): Promise<boolean>;
  /** Counts the range as lost and moves the checkpoint behind it, if that is at `firstSequence − 1`. */
  skip(gap: JournalGap): Promise<boolean>;
}
