import type { ClassifiedVisit } from '../classified-visit.ts';
import type { Frame } from '../journal/frame.ts';
import { RECORD_SEPARATOR } from '../journal/writer.ts';
import { decodeVisit } from '../record.ts';
import type { RejectedVisit, VisitBatch } from '../visit-batch.ts';
import type { Classify } from './classify.ts';

/** What a frame holds, ready to be stored. */
export interface FrameVisits {
  readonly sequence: number;
  readonly visits: readonly ClassifiedVisit[];
  /** Records that are none; a newer writer's, at best. */
  readonly rejected: readonly RejectedVisit[];
  readonly dropped: number;
  readonly droppedOrphans: number;
}

const NO_RECORD = 'not a record of a visit';

export function decodeFrame(frame: Frame, classify: Classify): FrameVisits {
  const visits: ClassifiedVisit[] = [];
  const rejected: RejectedVisit[] = [];
  const { sequence, dropped, droppedOrphans } = frame;
  // Each record ends with a separator.
  const records = frame.payload.toString('utf8').split(RECORD_SEPARATOR);
  for (let position = 0; position < records.length - 1; position++) {
    const record = records[position] ?? '';
    const visit = decodeVisit(record);
    if (visit !== undefined) visits.push(classify(visit));
    else rejected.push({ sequence, position, record: storable(record), reason: NO_RECORD });
  }
  return { sequence, visits, rejected, dropped, droppedOrphans };
}

/** Frames, in order and without a hole, as one batch. */
export function batchOf(journalId: string, frames: readonly FrameVisits[]): VisitBatch {
  return {
    journalId,
    firstSequence: frames[0]?.sequence ?? 0,
    lastSequence: frames.at(-1)?.sequence ?? 0,
    visits: frames.flatMap(({ visits }) => visits),
    rejected: frames.flatMap(({ rejected }) => rejected),
    dropped: frames.reduce((sum, { dropped }) => sum + dropped, 0),
    droppedOrphans: frames.reduce((sum, { droppedOrphans }) => sum + droppedOrphans, 0),
  };
}

/** As much of a text as PostgreSQL takes. */
export function storable(text: string): string {
  return text.slice(0, 8192).replaceAll('\0', ' ').toWellFormed();
}
