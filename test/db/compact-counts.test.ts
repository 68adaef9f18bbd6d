import { afterAll, beforeAll, expect, test } from 'bun:test';
import type postgres from 'postgres';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect } from '../support/sql.ts';

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connect(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** The lines that `counts` of these are summed up to, in the order of the alphabet. */
async function compact(lines: readonly string[], keep: number): Promise<string[]> {
  const counts = lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('');
  const [row] = await sql<{ counts: string }[]>`select compact_visit_counts(${counts}, ${keep}) as counts`;
  return (row?.counts ?? '').replaceAll('\t', ' ').split('\n').filter(Boolean).sort();
}

test('lines of a value become one, the same ones and others', async () => {
  const lines = ['c DE 1 0', 'h 7 1 0', 'c DE 1 0', 'c DE 1 0', 'c US 0 1', 'h 7 3 2', 'c DE 5 1', 'b chrome 2 0'];
  expect(await compact(lines, 10)).toEqual(['b chrome 2 0', 'c DE 8 1', 'c US 0 1', 'h 7 4 2']);
});

test('nothing is left of what was deleted, and of nothing', async () => {
  expect(await compact(['c DE 3 1', 'c DE -3 -1', 'c US 2 0'], 10)).toEqual(['c US 2 0']);
  expect(await compact(['c DE 3 1', 'c DE -3 -1'], 10)).toEqual([]);
  expect(await compact([], 10)).toEqual([]);
});

test('the rarest values of a dimension that has too many become other, and no others do', async () => {
  const lines = ['r a 5 0', 'r b 1 1', 'r c 0 4', 'r d 1 0', 'r b 1 1', 'b chrome 1 0', 'b firefox 1 0', 'r e 1 0'];
  expect(await compact(lines, 3)).toEqual([
    'b chrome 1 0',
    'b firefox 1 0',
    'r a 5 0',
    'r b 2 2',
    'r c 0 4',
    'r other 2 0',
  ]);
});

test('values without a name, and numbers beyond 32 bits, are kept exactly', async () => {
  const lines = ['c  1 0', 'c  1 0', 'h 0 9007199254740000 4294967296', 'h 0 991 4294967296'];
  expect(await compact(lines, 10)).toEqual(['c  2 0', 'h 0 9007199254740991 8589934592']);
});
