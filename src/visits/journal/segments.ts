import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file of a journal. Names sort by journal (which sort by age) and then by number. */
export interface Segment {
  /** UUIDv7 of the process start that wrote it. */
  readonly journalId: string;
  /** 1, 2, 3, … within the journal. */
  readonly number: number;
  readonly path: string;
}

const NAME = /^([0-9a-f-]{36})\.(\d{8})\.journal$/;

export function segmentPath(directory: string, journalId: string, number: number): string {
  return join(directory, `${journalId}.${String(number).padStart(8, '0')}.journal`);
}

/** The segments of a directory, oldest journal first, each journal in order; none where the directory is missing. */
export function listSegments(directory: string): Segment[] {
  return namesOf(directory)
    .sort()
    .flatMap((name) => {
      const [, journalId, number] = NAME.exec(name) ?? [];
      return journalId === undefined ? [] : [{ journalId, number: Number(number), path: join(directory, name) }];
    });
}

/** What all segments of a directory take up, in bytes. One that is removed meanwhile counts nothing. */
export function bytesOfSegments(directory: string): number {
  return listSegments(directory).reduce(
    (sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function namesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
