import { describe, expect, test } from 'bun:test';
import { createLogger } from '../../src/observability/log.ts';
import { ChangeFeed } from '../../src/redirect/changes.ts';
import type { ChangePage } from '../../src/redirect/store.ts';

/** A feed that reads the given pages, one a poll, and notes what it makes of them. */
function setUp(pages: Partial<ChangePage>[]) {
  const asked: (number | null)[] = [];
  const changed: number[] = [];
  const reasons: string[] = [];
  const feed = new ChangeFeed({
    read: async (sinceMs) => {
      asked.push(sinceMs);
      const page = pages.shift();
      if (page === undefined) throw new Error('the database is away');
      return { readAtMs: 0, serverStartedAtMs: 1, lastSeq: 0, changes: [], ...page };
    },
    pollMs: 60_000,
    overlapMs: 6_000,
    retentionMs: 3_600_000,
    onChange: ({ seq }) => changed.push(seq),
    onEverything: (reason) => reasons.push(reason),
    log: createLogger('silent'),
  });
  const poll = async (times: number) => {
    for (let i = 0; i < times; i++) await feed.poll();
    feed.close();
  };
  return { poll, asked, changed, reasons };
}

const change = (seq: number) => ({ seq, domainId: 0, shortCode: `code${seq}` });

describe('the feed of changes', () => {
  test('begins where the log is, then reads it by time with an overlap', async () => {
    const { poll, asked } = setUp([{ readAtMs: 100_000 }, { readAtMs: 101_000 }, { readAtMs: 102_000 }]);
    await poll(3);
    expect(asked).toEqual([null, 94_000, 95_000]);
  });

  test('reports each change once, also one whose lower number becomes visible later', async () => {
    const { poll, changed } = setUp([
      {},
      { lastSeq: 3, changes: [change(1), change(3)] },
      { lastSeq: 3, changes: [change(1), change(2), change(3)] },
      { lastSeq: 4, changes: [change(3), change(4)] },
    ]);
    await poll(4);
    expect(changed).toEqual([1, 3, 2, 4]);
  });

  test('after an outage reads on from where it was', async () => {
    const { poll, asked } = setUp([{ readAtMs: 100_000 }]);
    await poll(3);
    expect(asked).toEqual([null, 94_000, 94_000]);
  });

  test.each([
    ['a log that is shorter than what was seen of it', { lastSeq: 7 }, { lastSeq: 6 }],
    ['another server', { serverStartedAtMs: 1 }, { serverStartedAtMs: 2 }],
    ['an absence longer than the log reaches back', { readAtMs: 0 }, { readAtMs: 3_600_001 }],
  ])('%s makes everything doubtful', async (_name, before, after) => {
    const { poll, reasons } = setUp([before, after]);
    await poll(2);
    expect(reasons).toHaveLength(1);
  });

  test('a log that was trimmed to nothing does not', async () => {
    const { poll, reasons } = setUp([{ lastSeq: 7 }, { lastSeq: 0 }]);
    await poll(2);
    expect(reasons).toEqual([]);
  });
});
