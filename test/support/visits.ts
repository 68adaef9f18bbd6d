import { SegmentReader } from '../../src/visits/journal/reader.ts';
import { listSegments } from '../../src/visits/journal/segments.ts';
import { RECORD_SEPARATOR } from '../../src/visits/journal/writer.ts';
import { decodeVisit, type VisitRecord } from '../../src/visits/record.ts';

/** What the journals of a directory hold. */
export interface Journaled {
  readonly visits: VisitRecord[];
  readonly dropped: number;
  readonly droppedOrphans: number;
  readonly damagedBytes: number;
}

/** Reads all journals of a directory, oldest first, as the recorder would. Throws for a record that is none. */
export function readJournals(directory: string): Journaled {
  const readings = listSegments(directory).flatMap(({ path }) => [...readAll(path)]);
  const frames = readings.flatMap((reading) => reading.frames);
  return {
    visits: frames.flatMap(({ payload }) => payload.toString().split(RECORD_SEPARATOR).slice(0, -1).map(decode)),
    dropped: frames.reduce((sum, frame) => sum + frame.dropped, 0),
    droppedOrphans: frames.reduce((sum, frame) => sum + frame.droppedOrphans, 0),
    damagedBytes: readings.reduce((sum, reading) => sum + reading.damagedBytes, 0),
  };
}

function* readAll(path: string) {
  const reader = new SegmentReader(path);
  for (;;) {
    const reading = reader.read(true);
    yield reading;
    if (reading.isAtEnd) return;
  }
}

function decode(text: string): VisitRecord {
  const visit = decodeVisit(text);
  if (visit === undefined) throw new Error(`this is no visit: ${JSON.stringify(text)}`);
  return visit;
}
