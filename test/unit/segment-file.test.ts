import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'hop-segment-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = join(import.meta.dir, '../../src/visits/journal/segment-file.ts');
/** Appends 600 bytes, which fit, then 2,000, then 100. */
const PROGRAM = `
  import { SegmentFile } from ${JSON.stringify(MODULE)};
  const file = new SegmentFile(process.argv[1], false);
  const outcomes = [600, 2_000, 100].map((length) => {
    try {
      file.append(Buffer.alloc(length, 'x'));
      return 'written';
    } catch (error) {
      return error.message;
    }
  });
  console.log(JSON.stringify({ outcomes, bytes: file.bytes, isBroken: file.isBroken }));`;

test('a write for which there is not room enough leaves nothing, and the file goes on from where it was', async () => {
  const path = join(folder, 'segment');
  // Files of this process end at 1,024 bytes: the kernel writes what fits, as it does on a disk that becomes full.
  const command = ['sh', '-c', 'trap "" XFSZ; ulimit -f 2; exec "$0" -e "$1" "$2"', process.execPath, PROGRAM, path];
  const { stdout, stderr } = Bun.spawnSync(command);
  expect(stderr.toString()).toBe('');
  const outcomes = ['written', 'short write: 424 of 2000 bytes', 'written'];
  expect(JSON.parse(stdout.toString())).toEqual({ outcomes, bytes: 700, isBroken: false });
  expect(await Bun.file(path).text()).toBe('x'.repeat(700));
});
