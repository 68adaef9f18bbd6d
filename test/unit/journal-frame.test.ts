import { describe, expect, test } from 'bun:test';
import { HEADER_BYTES, readFrame, sealFrame } from '../../src/visits/journal/frame.ts';
import { seededRandom } from '../support/random.ts';

function frame(sequence: number, payload: string): Buffer {
  const payloadBytes = Buffer.byteLength(payload);
  const bytes = Buffer.alloc(HEADER_BYTES + payloadBytes);
  bytes.write(payload, HEADER_BYTES);
  sealFrame(bytes, payloadBytes, { sequence, recordCount: 1, dropped: 2, droppedOrphans: 3 });
  return bytes;
}

/** All frames of the bytes, and how many bytes were passed over; a partial frame at the end counts as passed over. */
function readAll(bytes: Buffer): { sequences: number[]; passedOver: number } {
  const sequences: number[] = [];
  let passedOver = 0;
  for (let at = 0; ; ) {
    const found = readFrame(bytes, at);
    if (found.kind === 'end') return { sequences, passedOver };
    if (found.kind === 'partial') return { sequences, passedOver: passedOver + bytes.length - at };
    if (found.kind === 'frame') sequences.push(found.frame.sequence);
    else passedOver += found.nextAt - at;
    at = found.nextAt;
  }
}

describe('a frame', () => {
  test('comes back as it was sealed', () => {
    const found = readFrame(frame(2 ** 40, 'Grüße 👋'), 0);
    expect(found).toMatchObject({ kind: 'frame', frame: { recordCount: 1, dropped: 2, droppedOrphans: 3 } });
    if (found.kind !== 'frame') throw new Error('no frame');
    expect([found.frame.sequence, found.frame.payload.toString()]).toEqual([2 ** 40, 'Grüße 👋']);
  });

  test('torn at any byte is partial, and those before it are whole', () => {
    const whole = frame(1, 'first');
    const torn = frame(2, 'second');
    for (let length = 1; length < torn.length; length++) {
      const bytes = Buffer.concat([whole, torn.subarray(0, length)]);
      expect(readAll(bytes)).toEqual({ sequences: [1], passedOver: length });
      expect(readFrame(bytes, whole.length).kind).toBe('partial');
    }
  });

  test('with any bit flipped is passed over, and no other', () => {
    const frames = [frame(1, 'one'), frame(2, 'two, the damaged one'), frame(3, 'three')];
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = frames;
    for (let bit = 0; bit < second.length * 8; bit++) {
      const bytes = Buffer.concat(frames);
      const at = first.length + (bit >> 3);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      expect(readAll(bytes)).toEqual({ sequences: [1, 3], passedOver: second.length });
    }
  });

  test('is found behind any garbage', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round++) {
      const garbage = Buffer.from(Array.from({ length: random(80) }, () => random(256)));
      const bytes = Buffer.concat([frame(1, 'x'), garbage, frame(2, 'y')]);
      expect(readAll(bytes)).toEqual({ sequences: [1, 2], passedOver: garbage.length });
    }
  });

  test('whose payload looks like frames is one frame', () => {
    const inner = frame(9, 'inner').toString('latin1');
    expect(readAll(Buffer.concat([frame(1, inner), frame(2, 'HOP1HOP1')]))).toEqual({
      sequences: [1, 2],
      passedOver: 0,
    });
  });
});
