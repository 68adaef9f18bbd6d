import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NoAnswerError, slownessOf } from '../../src/db/failures.ts';
import { createLogger } from '../../src/observability/log.ts';
import { listSegments } from '../../src/visits/journal/segments.ts';
import { JournalWriter, type JournalWriterOptions } from '../../src/visits/journal/writer.ts';
import { encodeVisit } from '../../src/visits/record.ts';
import { createClassifier } from '../../src/visits/recorder/classify.ts';
import { Recorder, type RecorderOptions } from '../../src/visits/recorder/recorder.ts';
import { until } from '../process/fixtures/programs.ts';
import { MemoryVisitStore } from '../support/memory-visit-store.ts';
import { seededRandom } from '../support/random.ts';

const log = createLogger('silent');
let folder: string;
let directory: string;
let store: MemoryVisitStore;
let open: { close(): Promise<void> }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hop-recorder-'));
  directory = join(folder, 'journal');
  store = new MemoryVisitStore();
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

function newWriter(options: Partial<JournalWriterOptions> = {}): JournalWriter {
  const writer = new JournalWriter({
    directory,
    sync: 'off',
    syncIntervalMs: 1_000,
    writeIntervalMs: 60_000,
    maxSegmentBytes: 400,
    maxSegmentAgeMs: 60_000,
    maxBytes: 100_000_000,
    orphansPerSecond: 1_000,
    log,
    ...options,
  });
  open.push(writer);
  return writer;
}

function newRecorder(options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = new Recorder({
    directory,
    store,
    classify: createClassifier(() => null),
    isRefusal: (error) => error instanceof Refusal,
    slownessOf,
    keepMs: 60_000,
    maxBytes: 100_000_000,
    log,
    ...options,
  });
  open.push({ close: () => recorder.stop({ drain: false }) });
  return recorder;
}

class Refusal extends Error {}

/** A recorder from its start to the end of everything that is there. */
async function drain(options: Partial<RecorderOptions> = {}): Promise<Recorder> {
  const recorder = newRecorder(options);
  recorder.start();
  await recorder.stop({ drain: true });
  return recorder;
}

/** One frame with visits of these codes. */
function write(writer: JournalWriter, ...codes: string[]): void {
  for (const code of codes) writer.append(record(code), false);
  writer.write();
}

function record(shortCode: string): string {
  return encodeVisit({
    kind: 'short_url',
    domainId: 0,
    shortCode,
    shortUrlId: 7,
    timeMs: 1_790_000_000_000,
    referrer: 'https://www.Example.com/page',
    userAgent: '',
    address: '192.0.2.0',
    visitedUrl: '',
    redirectUrl: '',
  });
}

/** A journal of frames 1 … `count` with one visit each, whose writer is gone. */
async function deadJournal(count: number, options: Partial<JournalWriterOptions> = {}): Promise<string[]> {
  const writer = newWriter(options);
  for (let i = 1; i <= count; i++) write(writer, `v${i}`);
  await writer.close();
  return listSegments(directory).map(({ path }) => path);
}

function codes(): string[] {
  return store.visits.map(({ shortCode }) => shortCode);
}

function numbered(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `v${first + i}`);
}

describe('a recorder', () => {
  test('stores everything in order, from the living and from the dead', async () => {
    await deadJournal(20);
    const writer = newWriter();
    write(writer, 'a', 'b');
    write(writer, 'c');
    const recorder = await drain();
    expect(codes()).toEqual([...numbered(1, 20), 'a', 'b', 'c']);
    expect(store.gaps).toEqual([]);
    expect(recorder.counters).toMatchObject({ visits: 23, gaps: 0, failures: 0 });
  });

  test('stores what is written while it runs', async () => {
    const recorder = newRecorder();
    recorder.start();
    const writer = newWriter();
    write(writer, 'a');
    await until(() => store.visits.length === 1);
    write(writer, 'b');
    await until(() => store.visits.length === 2);
    expect(codes()).toEqual(['a', 'b']);
  });

  test('stores nothing twice, however often and in whatever order segments come back', async () => {
    const paths = await deadJournal(30);
    const copies = join(folder, 'copies');
    mkdirSync(copies);
    for (const path of paths) copyFileSync(path, join(copies, basename(path)));
    const random = seededRandom(5);
    await drain({ keepMs: 0 });
    for (let round = 0; round < 3; round++) {
      const names = readdirSync(copies).sort(() => random(3) - 1);
      for (const name of names) {
        copyFileSync(join(copies, name), join(directory, name));
        if (random(2) === 0) await drain({ keepMs: 0 });
      }
      await drain({ keepMs: 0 });
    }
    expect(codes()).toEqual(numbered(1, 30));
    expect(store.gaps).toEqual([]);
  });

  test('shares a directory with another one', async () => {
    await deadJournal(200);
    store.onCall = () => Bun.sleep(1);
    await Promise.all([drain({ maxBatch: 3 }), drain({ maxBatch: 5 }), drain({ keepMs: 0, maxBatch: 4 })]);
    expect(codes()).toEqual(numbered(1, 200));
    expect(store.gaps).toEqual([]);
  });

  test('goes on behind the checkpoint that it finds', async () => {
    const [first = ''] = await deadJournal(10, { maxSegmentBytes: 1_000_000 });
    store.checkpoints.set(basename(first).slice(0, 36), 4);
    await drain();
    expect(codes()).toEqual(numbered(5, 10));
  });
});

describe('a torn or damaged journal', () => {
  test('torn at any byte loses what was not wholly written, and nothing else', async () => {
    const [path = ''] = await deadJournal(3, { maxSegmentBytes: 1_000_000 });
    const whole = readFileSync(path);
    const frameBytes = whole.length / 3;
    for (let length = 0; length < whole.length; length++) {
      store = new MemoryVisitStore();
      writeFileSync(path, whole.subarray(0, length));
      const frames = Math.floor(length / frameBytes);
      for (let again = 0; again < 2; again++) await drain();
      expect(codes()).toEqual(numbered(1, frames));
      const tail = length % frameBytes === 0 ? [] : [{ firstSequence: frames + 1, lastSequence: frames + 1 }];
      expect(store.gaps).toMatchObject(tail);
      expect(store.gaps).toHaveLength(tail.length);
    }
  });

  test('with flipped bits loses the frames that they are in, which are counted', async () => {
    const paths = await deadJournal(40, { maxSegmentBytes: 700 });
    const random = seededRandom(3);
    const originals = paths.map((path) => readFileSync(path));
    for (let round = 0; round < 30; round++) {
      store = new MemoryVisitStore();
      for (const [index, path] of paths.entries())
        writeFileSync(path, flipped(originals[index] ?? Buffer.alloc(0), random));
      await drain();
      const lost = store.gaps.flatMap(({ firstSequence, lastSequence }) => numbered(firstSequence, lastSequence));
      expect([...codes(), ...lost].sort()).toEqual(numbered(1, 40).sort());
      expect(new Set(codes()).size).toBe(codes().length);
    }
  });

  test('a partial frame of a living writer is left alone', async () => {
    const writer = newWriter({ maxSegmentBytes: 1_000_000 });
    write(writer, 'a');
    write(writer, 'b');
    const [{ path } = { path: '' }] = listSegments(directory);
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 3);
    const recorder = newRecorder();
    recorder.start();
    await until(() => store.visits.length === 1);
    await Bun.sleep(400);
    expect([codes(), store.gaps]).toEqual([['a'], []]);
    writeFileSync(path, whole);
    await until(() => store.visits.length === 2);
    expect([codes(), store.gaps]).toEqual([['a', 'b'], []]);
  });

  test('a missing segment is a gap', async () => {
    const paths = await deadJournal(9, { maxSegmentBytes: 1 });
    rmSync(paths[3] ?? '');
    rmSync(paths[4] ?? '');
    await drain();
    expect(codes()).toEqual([...numbered(1, 3), ...numbered(6, 9)]);
    expect(store.gaps).toMatchObject([{ firstSequence: 4, lastSequence: 5 }]);
  });
});

/** With one bit flipped, somewhere. */
function flipped(bytes: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  return copy;
}

describe('a database that', () => {
  test('goes back to an older state gets the missing visits again, also when no new one comes', async () => {
    const writer = newWriter();
    for (let i = 1; i <= 5; i++) write(writer, `v${i}`);
    const recorder = newRecorder({ checkpointMs: 50 });
    recorder.start();
    await until(() => store.visits.length === 5);
    const putBack = store.snapshot();
    for (let i = 6; i <= 20; i++) write(writer, `v${i}`);
    await until(() => store.visits.length === 20);
    putBack();
    await until(() => store.visits.length === 20);
    expect(codes()).toEqual(numbered(1, 20));
    expect(store.gaps).toEqual([]);
  });

  test('goes back beyond what is kept loses that, counted, and nothing jams', async () => {
    const writer = newWriter({ maxSegmentBytes: 1 });
    for (let i = 1; i <= 9; i++) write(writer, `v${i}`);
    await drain({ keepMs: 0 });
    store.checkpoints.set(writer.journalId, 2);
    store.visits = [];
    write(writer, 'v10');
    await drain();
    const [{ firstSequence, lastSequence } = { firstSequence: 0, lastSequence: 0 }] = store.gaps;
    expect(firstSequence).toBe(3);
    expect(codes()).toEqual(numbered(lastSequence + 1, 10));
  });

  test('fails is asked again, and gets everything once', async () => {
    await deadJournal(50);
    const random = seededRandom(8);
    store.onCall = (call) => {
      if (random(3) === 0) throw new Error(`${call} failed`);
    };
    const recorder = newRecorder({ maxBatch: 4 });
    recorder.start();
    await until(() => store.visits.length === 50, 20_000);
    expect(codes()).toEqual(numbered(1, 50));
    expect(recorder.counters.failures).toBeGreaterThan(3);
  });

  test('has no time for more than some visits is seldom asked for more', async () => {
    const writer = newWriter({ maxSegmentBytes: 1_000_000 });
    for (let i = 1; i <= 4_000; i++) write(writer, `v${i}`);
    store.onCall = (_, batch) => {
      if ((batch?.visits.length ?? 0) > 100) throw new Error('unavailable', { cause: new NoAnswerError(1) });
    };
    const lines: [string, unknown][] = [];
    const note = (message: string, fields?: object) => void lines.push([message, fields]);
    const recorder = await drain({ maxBatch: 200, log: { ...log, warn: note, error: note } });
    expect(codes()).toEqual(numbered(1, 4_000));
    // With a size that doubled after each batch it would be every other one of 40.
    expect(recorder.counters.failures).toBeWithin(1, 10);
    expect(lines[0]).toEqual([expect.stringContaining('too long'), { visits: 200, error: new NoAnswerError(1) }]);
  });

  test('refuses a visit gets all others', async () => {
    const writer = newWriter({ maxSegmentBytes: 1_000_000 });
    write(writer, 'v1', 'v2');
    write(writer, 'v3', 'bad', 'v4', 'v5', 'bad', 'v6', 'v7');
    write(writer, 'v8');
    store.onCall = (_, batch) => {
      if (batch?.visits.some(({ shortCode }) => shortCode === 'bad')) throw new Refusal('no room for bad ones');
    };
    const recorder = await drain();
    expect(codes()).toEqual(numbered(1, 8));
    expect(store.rejected.map(({ reason }) => reason)).toEqual(['no room for bad ones', 'no room for bad ones']);
    expect(store.rejected[0]?.record).toContain('bad');
    expect(recorder.counters).toMatchObject({ visits: 8, rejected: 2 });
    expect(store.checkpoints.get(writer.journalId)).toBe(3);
  });
});

test('a frame of which a part is stored is not stored as a whole, should the database take it then', async () => {
  const writer = newWriter();
  write(writer, ...numbered(1, 20));
  let [refuses, isDown] = [true, false];
  store.onCall = (_, batch) => {
    if (isDown) throw new Error('down');
    if (refuses && batch?.visits.some(({ shortCode }) => shortCode === 'v15')) throw new Refusal();
    isDown = refuses && store.visits.length > 0;
  };
  const recorder = newRecorder();
  recorder.start();
  await until(() => isDown);
  await recorder.stop({ drain: false });
  expect(store.visits.length).toBeLessThan(20);
  [refuses, isDown] = [false, false];
  await drain();
  expect(codes()).toEqual(numbered(1, 20));
});

describe('the directory', () => {
  test('is left empty when everything is stored and nobody writes', async () => {
    await deadJournal(10);
    await drain({ keepMs: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('keeps what is stored, until it is too much', async () => {
    const paths = await deadJournal(10, { maxSegmentBytes: 1 });
    await drain();
    await drain();
    expect(listSegments(directory)).toHaveLength(paths.length);
    const recorder = newRecorder({ maxBytes: 1_000, checkpointMs: 50 });
    recorder.start();
    await until(() => listSegments(directory).length < paths.length);
    expect(listSegments(directory).at(-1)?.path).toBe(paths.at(-1) ?? '');
    expect(codes()).toEqual(numbered(1, 10));
  });
});
