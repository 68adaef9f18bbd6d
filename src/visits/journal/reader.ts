import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Frame, readFrame } from './frame.ts';

/** What one reading of a segment brought. */
export interface Reading {
  readonly frames: readonly Frame[];
  /** Bytes that were no frame and have been passed over. */
  readonly damagedBytes: number;
  /** Whether some of them lie behind the last frame of this reading. */
  readonly endsDamaged: boolean;
  /** Nothing more to read for now; for good, if the segment is final. */
  readonly isAtEnd: boolean;
}

/** Several frames at a time; more than the largest frame that a full write buffer makes is read when one needs it. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Reads a segment from its beginning, also while it is still being written to. */
export class SegmentReader {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Where the next reading begins. */
  get position(): number {
    return this.#at;
  }

  /**
   * Reads on from where the last reading ended. With `isFinal` (its writer is dead, or has gone on to the next segment)
   * what is no frame at the end is torn and counts as damage; otherwise it may be a frame of which not everything is
   * to be seen yet, and is left for the next reading.
   */
  read(isFinal: boolean): Reading {
    for (let size = CHUNK_BYTES; ; size *= 4) {
      const { bytes, isWhole } = this.#readBytes(size);
      const reading = this.#parse(bytes, isFinal, isWhole);
      if (reading.frames.length > 0 || reading.damagedBytes > 0 || isWhole) return reading;
    }
  }

  #readBytes(size: number): { bytes: Buffer; isWhole: boolean } {
    const fd = openSync(this.#path, 'r');
    try {
      const left = fstatSync(fd).size - this.#at;
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(size, left)));
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = readSync(fd, buffer, length, buffer.length - length, this.#at + length);
      }
      return { bytes: buffer.subarray(0, length), isWhole: left <= size };
    } finally {
      closeSync(fd);
    }
  }

  #parse(bytes: Buffer, isFinal: boolean, isWhole: boolean): Reading {
    const frames: Frame[] = [];
    let [at, damaged, damagedBytes, endsDamaged] = [0, 0, 0, false];
    for (;;) {
      const found = readFrame(bytes, at);
      if (found.kind === 'frame') {
        frames.push(found.frame);
        damagedBytes += damaged;
        damaged = 0;
      } else if (found.kind === 'damage') damaged += found.nextAt - at;
      else {
        const rest = found.kind === 'partial' ? bytes.length - at : 0;
        if (isWhole && !isFinal) at -= damaged;
        else if (isWhole) [at, damaged] = [at + rest, damaged + rest];
        endsDamaged = (!isWhole || isFinal) && damaged > 0;
        this.#at += at;
        return { frames, damagedBytes: damagedBytes + (endsDamaged ? damaged : 0), endsDamaged, isAtEnd: isWhole };
      }
      at = found.nextAt;
    }
  }
}
