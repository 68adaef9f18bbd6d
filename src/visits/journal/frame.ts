import { crc32 } from 'node:zlib';

/** A batch of records as it lies in a segment. */
export interface Frame {
  /** 1, 2, 3, … within a journal; only a frame that was wholly written has one. */
  readonly sequence: number;
  readonly recordCount: number;
  /** Visits and orphan visits that were dropped since the frame before, for want of room. */
  readonly dropped: number;
  readonly droppedOrphans: number;
  readonly payload: Buffer;
}

// Little endian: magic u32, payload bytes u32, sequence u64, records u32, dropped u32, dropped orphans u32, CRC u32 over
// all before it and the payload (IEEE, by zlib: 0.6 µs for 64 KiB; CRC32C would cost 37 in JavaScript).
export const HEADER_BYTES = 32;
const MAGIC = Buffer.from('HOP1');
const CRC_AT = 28;
/** Nothing that we write comes near; a length beyond it is damage, not a reason to wait for more bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

export type FrameHeader = Omit<Frame, 'payload'>;

/** Writes the header in front of a payload that lies at HEADER_BYTES of `target` already. */
export function sealFrame(target: Buffer, payloadBytes: number, header: FrameHeader): void {
  MAGIC.copy(target, 0);
  target.writeUInt32LE(payloadBytes, 4);
  target.writeBigUInt64LE(BigInt(header.sequence), 8);
  target.writeUInt32LE(header.recordCount, 16);
  target.writeUInt32LE(header.dropped, 20);
  target.writeUInt32LE(header.droppedOrphans, 24);
  target.writeUInt32LE(checksum(target, payloadBytes), CRC_AT);
}

/** What lies at a place of a segment. */
export type Found =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly nextAt: number }
  /** Not a frame, nor the beginning of one; `nextAt` is where the next could begin. */
  | { readonly kind: 'damage'; readonly nextAt: number }
  /** Perhaps a frame whose rest is still to come; torn, if its writer is dead. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'end' };

/** Reads the frame at `at`. The payload is a view of `bytes`. */
export function readFrame(bytes: Buffer, at: number): Found {
  const left = bytes.length - at;
  if (left === 0) return { kind: 'end' };
  if (!startsLikeFrame(bytes, at)) return damageUntil(bytes, at + 1);
  if (left < HEADER_BYTES) return { kind: 'partial' };
  const payloadBytes = bytes.readUInt32LE(at + 4);
  if (payloadBytes > MAX_PAYLOAD_BYTES) return damageUntil(bytes, at + 1);
  const nextAt = at + HEADER_BYTES + payloadBytes;
  if (nextAt > bytes.length) return partialOrDamage(bytes, at);
  const whole = bytes.subarray(at, nextAt);
  if (checksum(whole, payloadBytes) !== whole.readUInt32LE(CRC_AT)) return damageUntil(bytes, at + 1);
  return { kind: 'frame', frame: decode(whole), nextAt };
}

function decode(whole: Buffer): Frame {
  return {
    sequence: Number(whole.readBigUInt64LE(8)),
    recordCount: whole.readUInt32LE(16),
    dropped: whole.readUInt32LE(20),
    droppedOrphans: whole.readUInt32LE(24),
    payload: whole.subarray(HEADER_BYTES),
  };
}

function checksum(frame: Buffer, payloadBytes: number): number {
  const head = crc32(frame.subarray(0, CRC_AT));
  return crc32(frame.subarray(HEADER_BYTES, HEADER_BYTES + payloadBytes), head);
}

/** True for the first bytes of a frame, however few of them are there. */
function startsLikeFrame(bytes: Buffer, at: number): boolean {
  const length = Math.min(MAGIC.length, bytes.length - at);
  return bytes.compare(MAGIC, 0, length, at, at + length) === 0;
}

/**
 * A length that reaches beyond the end is that of a frame still being written, or damaged itself: then a whole frame
 * follows somewhere before the end, which no half-written one has.
 */
function partialOrDamage(bytes: Buffer, at: number): Found {
  for (let next = bytes.indexOf(MAGIC, at + 1); next !== -1; next = bytes.indexOf(MAGIC, next + 1)) {
    const end = next + HEADER_BYTES <= bytes.length ? next + HEADER_BYTES + bytes.readUInt32LE(next + 4) : Infinity;
    if (end <= bytes.length && readFrame(bytes, next).kind === 'frame') return { kind: 'damage', nextAt: next };
  }
  return { kind: 'partial' };
}

/** The next place where a frame may begin, or the end. */
function damageUntil(bytes: Buffer, from: number): Found {
  const next = bytes.indexOf(MAGIC, from);
  if (next !== -1) return { kind: 'damage', nextAt: next };
  // The first bytes of a magic may be all that is there of the next frame.
  let at = Math.max(from, bytes.length - MAGIC.length + 1);
  while (at < bytes.length && !startsLikeFrame(bytes, at)) at++;
  return { kind: 'damage', nextAt: at };
}
