import { statSync } from 'node:fs';
import type { Frame } from '../journal/frame.ts';
import { SegmentReader } from '../journal/reader.ts';
import type { Segment } from '../journal/segments.ts';

/** What is to be stored next of a journal. */
export type Portion = (
  | { readonly kind: 'frames'; readonly frames: readonly Frame[] }
  /** Sequences that are in no segment. */
  | { readonly kind: 'gap'; readonly first: number; readonly last: number }
) & {
  /** More may follow at once. */
  readonly isFull: boolean;
};

interface SegmentState {
  readonly segment: Segment;
  reader: SegmentReader;
  /** Of the frames read so far, also before it was read again; 0 for none. */
  lastSequence: number;
  /** Read to its end, to which nothing will be added. */
  isRead: boolean;
  /** When we knew that the database has all of it. */
  appliedAtMs: number | undefined;
}

/**
 * A journal as the recorder follows it: its frames in the order of their sequence, from behind the database's
 * checkpoint, and what is missing between them.
 */
export class JournalSource {
  #segments: SegmentState[] = [];
  /** Index of the segment that is being read. */
  #at = 0;
  /** Read, and from `#head` on not taken yet. */
  #frames: Frame[] = [];
  #head = 0;
  /** The sequence that comes next; unknown until the database has been asked. */
  #next: number | undefined;
  /** Something lies behind the last frame that was read and is none. */
  #endsDamaged = false;
  #hasWriter = true;
  #generation = 0;

  constructor(readonly journalId: string) {}

  /** Changes whenever portions that were taken before are void. */
  get generation(): number {
    return this.#generation;
  }

  /** The sequence that will be taken next; undefined until `confirm` tells. */
  get next(): number | undefined {
    return this.#next;
  }

  get hasWriter(): boolean {
    return this.#hasWriter;
  }

  /** Bytes that have not been read, or that are read again. */
  get unreadBytes(): number {
    return this.#segments.slice(this.#at).reduce((sum, { segment: { path }, reader }) => {
      return sum + Math.max(0, (statSync(path, { throwIfNoEntry: false })?.size ?? 0) - reader.position);
    }, 0);
  }

  /** Nothing of it is left, and nothing will come. */
  get isGone(): boolean {
    return !this.#hasWriter && this.#segments.length === 0;
  }

  /** Takes note of what is there. Whether it has a writer must have been asked before the segments were listed. */
  update(segments: readonly Segment[], hasWriter: boolean): void {
    this.#hasWriter = hasWriter;
    const known = new Map(this.#segments.map((state) => [state.segment.number, state]));
    const reading = this.#segments[this.#at];
    this.#segments = segments.map((segment) => known.get(segment.number) ?? newState(segment));
    // Usually new segments are appended and old ones were removed by us, so that this finds the same one again.
    const unread = this.#segments.findIndex((state) => state === reading || !state.isRead);
    this.#at = unread === -1 ? this.#segments.length : unread;
  }

  /** The database's checkpoint. What was taken and is not stored by now, or is stored although not taken, moves us. */
  confirm(checkpoint: number, nowMs: number): void {
    if (this.#next !== checkpoint + 1) this.#seek(checkpoint + 1);
    let last = 0;
    for (const state of this.#segments) {
      last = Math.max(last, state.lastSequence);
      if (!state.isRead || last > checkpoint) state.appliedAtMs = undefined;
      else state.appliedAtMs ??= nowMs;
    }
  }

  /** Whatever was taken and not stored must be taken again; from where, `confirm` will say. */
  reset(): void {
    this.#next = undefined;
    this.#forgetFrames();
    this.#generation++;
  }

  /** Whole frames with about `maxVisits`, or a gap; undefined when there is nothing (yet). Throws what reading does. */
  take(maxVisits: number): Portion | undefined {
    if (this.#next === undefined) return undefined;
    const first = this.#next;
    const frames = this.#takeFrames(first, maxVisits);
    if (frames.length === 0) return this.#takeGap(first);
    this.#next = first + frames.length;
    return { kind: 'frames', frames, isFull: this.#head < this.#frames.length };
  }

  /** Segments that the database has had for `forMs`, oldest first. */
  applied(nowMs: number, forMs: number): Segment[] {
    const isKept = ({ appliedAtMs }: SegmentState) => appliedAtMs === undefined || nowMs - appliedAtMs < forMs;
    const kept = this.#segments.findIndex(isKept);
    return this.#segments.slice(0, kept === -1 ? undefined : kept).map(({ segment }) => segment);
  }

  /** Gives a segment that cannot be read up: what follows tells what was in it. */
  passOver(): void {
    const state = this.#segments[this.#at];
    if (state === undefined) return;
    state.isRead = true;
    this.#endsDamaged = true;
    this.#at++;
  }

  #seek(next: number): void {
    this.reset();
    this.#next = next;
    this.#at = this.#segments.findIndex((state) => !state.isRead || state.lastSequence >= next);
    if (this.#at === -1) this.#at = this.#segments.length;
    for (const state of this.#segments.slice(this.#at)) {
      state.reader = new SegmentReader(state.segment.path);
      state.isRead = false;
    }
  }

  #takeFrames(first: number, maxVisits: number): Frame[] {
    const taken: Frame[] = [];
    let visits = 0;
    // One is looked at beyond the end, which tells whether there is more.
    for (let next = this.#peek(first); next?.sequence === first + taken.length; next = this.#peek(next.sequence + 1)) {
      if (visits >= maxVisits) break;
      taken.push(next);
      visits += next.recordCount;
    }
    return taken;
  }

  #takeGap(first: number): Portion | undefined {
    const following = this.#frames[this.#head];
    if (following !== undefined) this.#next = following.sequence;
    else if (this.#isTailLost(first)) this.#next = first + 1;
    else return undefined;
    return { kind: 'gap', first, last: this.#next - 1, isFull: true };
  }

  /**
   * Whether something was written behind the last frame and is not one. How many frames it was, nobody knows: it is
   * counted as one. Where the checkpoint is beyond the last frame already, that has been done.
   */
  #isTailLost(next: number): boolean {
    if (this.#hasWriter || this.#at < this.#segments.length || !this.#endsDamaged) return false;
    return next === 1 + Math.max(0, ...this.#segments.map(({ lastSequence }) => lastSequence));
  }

  /** The next frame from `next` on, if there is one. */
  #peek(next: number): Frame | undefined {
    for (;;) {
      while ((this.#frames[this.#head]?.sequence ?? next) < next) this.#head++;
      const frame = this.#frames[this.#head];
      if (frame !== undefined) return frame;
      this.#forgetFrames();
      if (!this.#read()) return undefined;
    }
  }

  #forgetFrames(): void {
    this.#frames = [];
    this.#head = 0;
  }

  /** Reads on; false when there is nothing to read. */
  #read(): boolean {
    const state = this.#segments[this.#at];
    if (state === undefined) return false;
    const isFinal = !this.#hasWriter || this.#at < this.#segments.length - 1;
    const { frames, damagedBytes, endsDamaged, isAtEnd } = state.reader.read(isFinal);
    if (frames.length > 0) this.#endsDamaged = endsDamaged;
    else if (damagedBytes > 0) this.#endsDamaged = true;
    for (const { sequence } of frames) state.lastSequence = Math.max(state.lastSequence, sequence);
    this.#frames.push(...frames);
    if (isAtEnd && isFinal) {
      state.isRead = true;
      this.#at++;
    }
    return frames.length > 0 || damagedBytes > 0 || (isAtEnd && isFinal);
  }
}

function newState(segment: Segment): SegmentState {
  return {
    segment,
    reader: new SegmentReader(segment.path),
    lastSequence: 0,
    isRead: false,
    appliedAtMs: undefined,
  };
}
