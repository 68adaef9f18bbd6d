import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src/observability/log.ts';
import { hasWriter, removeUnusedLocks } from '../../src/visits/journal/lock.ts';
import { SegmentReader } from '../../src/visits/journal/reader.ts';
import { SegmentFile } from '../../src/visits/journal/segment-file.ts';
import { bytesOfSegments, listSegments } from '../../src/visits/journal/segments.ts';
import { JournalWriter, type JournalWriterOptions, RECORD_SEPARATOR } from '../../src/visits/journal/writer.ts';

let directory: string;
let writers: JournalWriter[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hop-journal-'));
});
afterEach(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  writers = [];
  rmSync(directory, { recursive: true });
});

function open(options: Partial<JournalWriterOptions> = {}): JournalWriter {
  const writer = new JournalWriter({
    directory,
    sync: 'off',
    syncIntervalMs: 1_000,
    writeIntervalMs: 60_000,
    maxSegmentBytes: 1_000_000,
    maxSegmentAgeMs: 60_000,
    maxBytes: 100_000_000,
    orphansPerSecond: 1_000,
    log: createLogger('silent'),
    ...options,
  });
  writers.push(writer);
  return writer;
}

/** Everything in the directory, as a recorder would read it after the writers' death. */
function readAll() {
  const readings = listSegments(directory).map(({ path }) => new SegmentReader(path).read(true));
  const frames = readings.flatMap((reading) => reading.frames);
  return {
    sequences: frames.map(({ sequence }) => sequence),
    records: frames.flatMap(({ payload }) => payload.toString().split(RECORD_SEPARATOR).slice(0, -1)),
    dropped: frames.reduce((sum, frame) => sum + frame.dropped, 0),
    droppedOrphans: frames.reduce((sum, frame) => sum + frame.droppedOrphans, 0),
    damagedBytes: readings.reduce((sum, reading) => sum + reading.damagedBytes, 0),
  };
}

describe('the journal', () => {
  test('gives back every record in order, over frames and segments', () => {
    const writer = open({ maxSegmentBytes: 200 });
    const records = Array.from({ length: 100 }, (_, i) => `record ${i} ü`);
    for (const [index, record] of records.entries()) {
      writer.append(record, false);
      if (index % 7 === 6) writer.write();
    }
    writer.write();
    expect(readAll().records).toEqual(records);
    expect(readAll().sequences).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(listSegments(directory).length).toBeGreaterThan(3);
  });

  test('writes nothing, not even a file, while there is nothing to write', () => {
    open().write();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('writes by itself every few milliseconds', async () => {
    const writer = open({ writeIntervalMs: 2 });
    writer.append('soon', false);
    await Bun.sleep(30);
    expect(readAll().records).toEqual(['soon']);
  });

  test('starts another segment when the present one is old', async () => {
    const writer = open({ maxSegmentAgeMs: 10 });
    writer.append('a', false);
    writer.write();
    await Bun.sleep(15);
    writer.append('b', false);
    writer.write();
    expect(listSegments(directory).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('past its bound drops visits, says how many in the next frame, and goes on when there is room', async () => {
    const writer = open({ maxBytes: 100 });
    writer.append('x'.repeat(100), false);
    writer.write();
    for (let i = 0; i < 5; i++) writer.append('dropped', false);
    const [segment] = listSegments(directory);
    truncateSync(segment?.path ?? '', 0);
    await Bun.sleep(1_050);
    writer.append('again', false);
    writer.write();
    expect(readAll()).toMatchObject({ records: ['again'], dropped: 5, sequences: [2] });
    expect(writer.counters.dropped).toBe(5);
  });

  test('takes only so many orphan visits a second, and all others', () => {
    const writer = open({ orphansPerSecond: 10 });
    for (let i = 0; i < 100; i++) {
      writer.append('orphan', true);
      writer.append('visit', false);
    }
    writer.write();
    const { records, droppedOrphans, dropped } = readAll();
    expect(records.filter((record) => record === 'orphan')).toHaveLength(10);
    expect(records.filter((record) => record === 'visit')).toHaveLength(100);
    expect([droppedOrphans, dropped]).toEqual([90, 0]);
  });

  test('of two processes are told apart, the older first', async () => {
    const [older, newer] = [open(), open()];
    newer.append('newer', false);
    newer.write();
    older.append('older', false);
    older.write();
    expect(readAll().records).toEqual(['older', 'newer']);
  });

  test('is on the disk once closed', async () => {
    const writer = open({ sync: 'batch' });
    writer.append('last', false);
    await writer.close();
    expect(readAll().records).toEqual(['last']);
  });

  test.each(['interval', 'batch'] as const)('with sync %s leaves nothing unsynced for long', async (sync) => {
    const synced: string[] = [];
    const original = SegmentFile.prototype.sync;
    SegmentFile.prototype.sync = function (this: SegmentFile) {
      synced.push(this.path);
      return original.call(this);
    };
    try {
      const writer = open({ sync, syncIntervalMs: 10 });
      writer.append('x', false);
      writer.write();
      await Bun.sleep(30);
      expect(synced).toHaveLength(1);
    } finally {
      SegmentFile.prototype.sync = original;
    }
  });
});

describe('a write that fails', () => {
  const original = SegmentFile.prototype.append;
  afterEach(() => {
    SegmentFile.prototype.append = original;
  });

  test('loses nothing and uses up no sequence number', async () => {
    const writer = open();
    writer.append('before', false);
    writer.write();
    SegmentFile.prototype.append = () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    writer.append('during', false);
    writer.write();
    SegmentFile.prototype.append = original;
    await Bun.sleep(110);
    writer.append('after', false);
    writer.write();
    expect(readAll()).toMatchObject({ records: ['before', 'during', 'after'], sequences: [1, 2, 3], damagedBytes: 0 });
    expect(writer.counters.failures).toBe(1);
  });

  test('although all of it arrived does not make another frame of the same number', async () => {
    const writer = open();
    SegmentFile.prototype.append = function (this: SegmentFile, bytes) {
      appendFileSync(this.path, bytes);
      this.isBroken = true;
      throw Object.assign(new Error('input/output error'), { code: 'EIO' });
    };
    writer.append('arrived', false);
    writer.write();
    SegmentFile.prototype.append = original;
    writer.append('later', false);
    await Bun.sleep(110);
    writer.write();
    expect(readAll()).toMatchObject({ records: ['arrived', 'arrived', 'later'], sequences: [1, 1, 2] });
  });

  test('and cannot be undone ends the segment', async () => {
    const writer = open();
    SegmentFile.prototype.append = function (this: SegmentFile, bytes) {
      appendFileSync(this.path, bytes.subarray(0, 10));
      this.isBroken = true;
      throw new Error('short write');
    };
    writer.append('kept', false);
    writer.write();
    SegmentFile.prototype.append = original;
    await Bun.sleep(110);
    writer.write();
    expect(readAll()).toMatchObject({ records: ['kept'], sequences: [1], damagedBytes: 10 });
    expect(listSegments(directory)).toHaveLength(2);
  });
});

test('a journal has a writer until that is closed', async () => {
  const writer = open();
  expect(hasWriter(directory, writer.journalId)).toBeFalse();
  writer.append('one', false);
  writer.write();
  expect(hasWriter(directory, writer.journalId)).toBeTrue();
  removeUnusedLocks(directory);
  expect(hasWriter(directory, writer.journalId)).toBeTrue();
  await writer.close();
  expect(hasWriter(directory, writer.journalId)).toBeFalse();
  removeUnusedLocks(directory);
  expect(readdirSync(directory)).toHaveLength(2);
  for (const { path } of listSegments(directory)) rmSync(path);
  removeUnusedLocks(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test('orphan visits leave a part of the room to others', () => {
  const writer = open({ maxBytes: 1_000, orphansPerSecond: 100 });
  writer.append('x'.repeat(800), false);
  writer.write();
  writer.append('orphan', true);
  writer.append('visit', false);
  expect(writer.counters).toMatchObject({ dropped: 0, droppedOrphans: 1 });
});

describe('a reader', () => {
  test('follows a segment that is being written, and waits for the rest of a frame', () => {
    const writer = open();
    writer.append('one', false);
    writer.write();
    const [segment] = listSegments(directory);
    const path = segment?.path ?? '';
    const reader = new SegmentReader(path);
    expect(reader.read(false).frames).toHaveLength(1);
    const half = Buffer.from('HOP1 and the rest is still to come');
    appendFileSync(path, half.subarray(0, 7));
    expect(reader.read(false)).toEqual({ frames: [], damagedBytes: 0, endsDamaged: false, isAtEnd: true });
    truncateSync(path, reader.position);
    writer.append('two', false);
    writer.write();
    expect(reader.read(false).frames.map(({ sequence }) => sequence)).toEqual([2]);
    appendFileSync(path, half.subarray(0, 7));
    expect(reader.read(true)).toEqual({ frames: [], damagedBytes: 7, endsDamaged: true, isAtEnd: true });
  });

  test('reads a frame that is larger than its chunk', () => {
    const writer = open();
    writer.append('x'.repeat(9_000_000), false);
    writer.write();
    expect(readAll().records.map(({ length }) => length)).toEqual([9_000_000]);
  });

  test('the bytes of segments are counted, missing directories are empty', () => {
    const writer = open();
    writer.append('one', false);
    writer.write();
    expect(bytesOfSegments(directory)).toBe(writer.counters.bytes);
    expect(listSegments(join(directory, 'nowhere'))).toEqual([]);
  });
});
