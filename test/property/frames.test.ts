import { expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FrameHeader, HEADER_BYTES, readFrame, sealFrame } from '../../src/visits/journal/frame.ts';
import { SegmentReader } from '../../src/visits/journal/reader.ts';
import { holds } from '../support/property.ts';

const u32 = fc.nat(2 ** 31 - 1).map((number) => number * 2 + (number % 2));
const header: fc.Arbitrary<FrameHeader> = fc.record({
  sequence: fc.maxSafeNat(),
  recordCount: u32,
  dropped: u32,
  droppedOrphans: u32,
});
/** Also what looks like the beginning of a frame. */
const bytes = fc
  .array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.from('HOP1')), fc.constant(Buffer.alloc(9, 255))),
    {
      maxLength: 4,
    },
  )
  .map((parts) => Buffer.concat(parts));
const frame = fc.tuple(header, bytes).map(([fields, payload]) => sealed(fields, payload));

function sealed(fields: FrameHeader, payload: Buffer): Buffer {
  const target = Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]);
  sealFrame(target, payload.length, fields);
  return target;
}

/** The frames that are in there, as they lie there, and how many other bytes. */
function readAll(segment: Buffer) {
  const frames: string[] = [];
  let at = 0;
  for (;;) {
    const found = readFrame(segment, at);
    if (found.kind === 'end' || found.kind === 'partial') return { frames, end: found.kind };
    expect(found.nextAt).toBeGreaterThan(at);
    expect(found.nextAt).toBeLessThanOrEqual(segment.length);
    if (found.kind === 'frame') frames.push(segment.toString('hex', at, found.nextAt));
    at = found.nextAt;
  }
}

test('a frame comes back as it was sealed', () => {
  holds(header, bytes, (fields, payload) => {
    expect(readFrame(sealed(fields, payload), 0)).toEqual({
      kind: 'frame',
      frame: { ...fields, payload },
      nextAt: HEADER_BYTES + payload.length,
    });
  });
});

test('whatever lies between frames, every frame is found and nothing else is', () => {
  holds(fc.array(fc.tuple(bytes, frame), { maxLength: 5 }), (pairs) => {
    const { frames, end } = readAll(Buffer.concat(pairs.flat()));
    expect(frames).toEqual(pairs.map(([, whole]) => whole.toString('hex')));
    expect(end).toBe('end');
  });
});

test('bytes of anything are read to their end, and hold no frame that nobody sealed', () => {
  holds(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (noise, at) => {
    const segment = Buffer.from(noise);
    Buffer.from('HOP1').copy(segment, Math.min(at, Math.max(0, segment.length - 4)));
    expect(readAll(segment).frames).toEqual([]);
  });
});

test('a frame with any byte changed is none, and its neighbours stay', () => {
  holds(frame, frame, frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (before, damaged, after, place, change) => {
    const at = place % damaged.length;
    const changed = Buffer.from(damaged);
    changed[at] = (changed[at] ?? 0) ^ change;
    const { frames } = readAll(Buffer.concat([before, changed, after]));
    expect(frames).toEqual([before, after].map((whole) => whole.toString('hex')));
  });
});

test('a segment read while it grows has the same frames and as much damage as one read at its end', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hop-property-'));
  const path = join(directory, 'segment');
  try {
    holds(fc.array(fc.tuple(bytes, frame), { maxLength: 4 }), bytes, fc.array(fc.nat(300), { maxLength: 6 }), growing);
  } finally {
    rmSync(directory, { recursive: true });
  }

  function growing(pairs: [Buffer, Buffer][], rest: Buffer, steps: number[]): void {
    const segment = Buffer.concat([...pairs.flat(), rest]);
    writeFileSync(path, '');
    const reader = new SegmentReader(path);
    const read: string[] = [];
    let [written, damagedBytes] = [0, 0];
    const readOn = (isFinal: boolean) => {
      const reading = reader.read(isFinal);
      read.push(...reading.frames.map(({ payload }) => payload.toString('hex')));
      damagedBytes += reading.damagedBytes;
    };
    for (const step of steps) {
      appendFileSync(path, segment.subarray(written, written + step));
      written = Math.min(segment.length, written + step);
      readOn(false);
    }
    appendFileSync(path, segment.subarray(written));
    readOn(true);
    expect(read).toEqual(pairs.map(([, whole]) => whole.toString('hex', HEADER_BYTES)));
    expect(damagedBytes).toBe(pairs.reduce((sum, [noise]) => sum + noise.length, rest.length));
    expect(reader.position).toBe(segment.length);
  }
});
