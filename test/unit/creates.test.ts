import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/lib/errors.ts';
import { CreateQueue } from '../../src/short-urls/creates.ts';
import type { NewShortUrl } from '../../src/short-urls/short-url.ts';

const item = (shortCode: string): NewShortUrl => ({
  domainId: 0,
  shortCode,
  longUrl: 'https://example.com/',
  createId: crypto.randomUUID(),
});

/** A queue on a table in memory; `refuses` names what cannot be stored, as PostgreSQL would say it. */
function setUp(refuses: (created: NewShortUrl) => boolean = () => false) {
  const taken = new Set<string>();
  const batches: string[][] = [];
  const queue = new CreateQueue({
    maxQueue: 1_000,
    insert: async (batch) => {
      batches.push(batch.map(({ shortCode }) => shortCode));
      await Bun.sleep(1);
      if (batch.some(refuses)) throw Object.assign(new Error('invalid byte sequence'), { code: '22021' });
      const free = batch.filter(({ shortCode }) => !taken.has(shortCode));
      for (const { shortCode } of free) taken.add(shortCode);
      return free.map(({ createId }, index) => ({ createId, shortUrlId: index, createdAt: new Date(0) }));
    },
  });
  return { queue, batches };
}

const codes = (count: number) => Array.from({ length: count }, (_, i) => `code${i}`);

describe('creates', () => {
  test('of one tick share an insert, each with a result of its own', async () => {
    const { queue, batches } = setUp();
    const results = await Promise.all(codes(50).map((code) => queue.add(item(code))));
    expect(results.map((result) => result?.shortCode)).toEqual(codes(50));
    expect(batches).toHaveLength(1);
  });

  test('of one key: the first wins, and the others have clashed without an insert of their own', async () => {
    const { queue, batches } = setUp();
    const results = await Promise.all(Array.from({ length: 100 }, () => queue.add(item('same'))));
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
    expect(results[0]).toBeDefined();
    expect(batches.flat()).toEqual(['same']);
  });

  test('one that cannot be stored fails alone', async () => {
    const bad = item('code7');
    const { queue } = setUp((created) => created.shortCode === 'code7');
    const items = codes(10).map((code) => (code === 'code7' ? bad : item(code)));
    const results = await Promise.allSettled(items.map((created) => queue.add(created)));
    const failed = results.flatMap((result, index) =>
      result.status === 'rejected' ? [[index, result.reason.code]] : [],
    );
    expect(failed).toEqual([[7, 'invalid-data']]);
  });

  test('when the first of a key cannot be stored, the next one gets it', async () => {
    const bad = item('same');
    const { queue } = setUp((created) => created === bad);
    const [first, second] = await Promise.allSettled([queue.add(bad), queue.add(item('same'))]);
    expect(first?.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { shortCode: 'same' } });
  });

  test('all of a batch hear that the database is away, and none is tried one by one', async () => {
    let inserts = 0;
    const queue = new CreateQueue({
      maxQueue: 10,
      insert: () => {
        inserts++;
        return Promise.reject(new AppError('database-unavailable', 'away'));
      },
    });
    const results = await Promise.allSettled(codes(5).map((code) => queue.add(item(code))));
    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
      Array(5).fill('database-unavailable'),
    );
    expect(inserts).toBe(1);
  });

  test('beyond the bound are refused at once', async () => {
    const queue = new CreateQueue({ maxQueue: 2, insert: () => new Promise(() => {}) });
    const [, , third] = codes(3).map((code) => queue.add(item(code)));
    expect(third).rejects.toMatchObject({ code: 'overloaded' });
  });
});
