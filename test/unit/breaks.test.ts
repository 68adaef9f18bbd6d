import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { BREAKS } from '../breaks/breaks.ts';
import { readPromises } from './promises.ts';

const ROOT = join(import.meta.dir, '../..');
/** Kept by Bun's parser, which has no line of ours. */
const KEPT_BY_BUN = ['H2'];

const read = (path: string) => Bun.file(join(ROOT, path)).text();

test('every promise has a deliberate break', async () => {
  const promised = readPromises(await read('test/PROMISES.md')).map(({ id }) => id);
  const broken = new Set(BREAKS.map(({ promise }) => promise));
  expect(promised.filter((id) => !broken.has(id))).toEqual(KEPT_BY_BUN);
  expect([...broken].filter((id) => !promised.includes(id))).toEqual([]);
});

test.each(BREAKS.map((broken) => [broken.promise, broken] as const))(
  '%s can be broken where it says',
  async (_id, broken) => {
    for (const { file, from } of [broken, broken.also].filter((change) => change !== undefined)) {
      expect((await read(file)).split(from).length - 1).toBe(1);
    }
    expect(await read(broken.test)).toContain(broken.named ?? 'test');
  },
);
