import { expect, test } from 'bun:test';
import { type Counting, ListTotals } from '../../src/short-urls/list-totals.ts';

/** Lists of at most 10 are counted each time. */
const newTotals = () => new ListTotals({ exactUpTo: 10, patienceMs: 20 });

/** A list of `rows`, and what was asked of it. */
class FakeList implements Counting {
  readonly asked: string[] = [];
  full: () => Promise<number> = async () => this.rows;

  constructor(public rows: number) {}

  count = async (limit?: number): Promise<number> => {
    this.asked.push(limit === undefined ? 'all' : `up to ${limit}`);
    return limit === undefined ? this.full() : Math.min(limit, this.rows);
  };

  estimate = async (): Promise<number> => {
    this.asked.push('estimate');
    return 1_000;
  };
}

test('a short list is counted each time, and never in full', async () => {
  const totals = newTotals();
  const list = new FakeList(10);
  expect(await totals.of('a', list)).toBe(10);
  list.rows = 9;
  expect(await totals.of('a', list)).toBe(9);
  expect(list.asked).toEqual(['up to 11', 'up to 11']);
});

test('a long list is counted in full once, for itself', async () => {
  const totals = newTotals();
  const list = new FakeList(500);
  expect(await totals.of('a', list)).toBe(500);
  list.rows = 501;
  expect(await totals.of('a', list)).toBe(500);
  expect(list.asked).toEqual(['up to 11', 'all']);
  expect(await totals.of('b', list)).toBe(501);
});

test('nobody waits long for a full count: there is an estimate until it is done', async () => {
  const totals = newTotals();
  const list = new FakeList(500);
  const counted = Promise.withResolvers<number>();
  list.full = () => counted.promise;
  expect(await totals.of('a', list)).toBe(1_000);
  counted.resolve(500);
  await counted.promise;
  expect(await totals.of('a', list)).toBe(500);
});

test('however many ask meanwhile, one full count is under way', async () => {
  const totals = newTotals();
  const list = new FakeList(500);
  const counted = Promise.withResolvers<number>();
  list.full = () => counted.promise;
  const answers = Promise.all([totals.of('a', list), totals.of('a', list), totals.of('a', list)]);
  expect(await answers).toEqual([1_000, 1_000, 1_000]);
  expect(list.asked.filter((what) => what === 'all')).toHaveLength(1);
  counted.resolve(500);
});

test('a full count that fails leaves the estimate', async () => {
  const totals = newTotals();
  const list = new FakeList(500);
  list.full = () => Promise.reject(new Error('the database went away'));
  expect(await totals.of('a', list)).toBe(1_000);
});

test('totals that nobody asks for any more are forgotten', async () => {
  const totals = newTotals();
  const list = new FakeList(500);
  for (let i = 0; i <= 200; i++) await totals.of(`list ${i}`, list);
  list.rows = 501;
  expect(await totals.of('list 0', list)).toBe(501);
  expect(await totals.of('list 200', list)).toBe(500);
});
