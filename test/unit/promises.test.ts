import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { complaints, type Promised, readPromises } from './promises.ts';

const ROOT = join(import.meta.dir, '../..');
const HEAD = '| Promise | Test | Last figures |\n|---|---|---|\n';

/** The text of a file of tests; undefined when there is none. */
async function readTest(path: string): Promise<string | undefined> {
  const file = Bun.file(join(ROOT, path));
  return (await file.exists()) ? file.text() : undefined;
}

async function readTable(): Promise<Promised[]> {
  return readPromises(await Bun.file(join(ROOT, 'test/PROMISES.md')).text());
}

test('every promise has its tests, which are there', async () => {
  expect(await complaints(await readTable(), readTest)).toEqual([]);
});

test('the promises are found at all, under names of their own', async () => {
  const ids = (await readTable()).map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(40);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('of a table, it is told', () => {
  const cases: readonly [what: string, rows: string, complaint: string][] = [
    ['a promise without a test', '| A1 It holds. | | – |', 'A1 has no test'],
    ['a file that is not there', '| A1 It holds. | `test/none.ts`: holds | – |', 'A1: there is no test/none.ts'],
    ['a test that is not there', '| A1 It holds. | `a.ts`: breaks | – |', 'A1: no test of a.ts is named "breaks"'],
    ['a name that is only a part', '| A1 It holds. | `a.ts`: hold | – |', 'A1: no test of a.ts is named "hold"'],
    [
      'the same in a further row',
      '| A1 It holds. | `a.ts`: holds | – |\n| | `a.ts`: x | – |',
      'A1: no test of a.ts is named "x"',
    ],
    [
      'a row that nobody understands',
      '| It holds. | `a.ts`: holds | – |',
      'not understood: | It holds. | `a.ts`: holds | – |',
    ],
  ];

  test.each(cases)('%s', async (_what, rows, complaint) => {
    const read = async (path: string) => (path === 'a.ts' ? "test('holds', () => {});" : undefined);
    expect(await complaints(readPromises(HEAD + rows), read)).toEqual([complaint]);
  });
});
