import { afterEach, describe, expect, test } from 'bun:test';
import { AppError } from '../../src/lib/errors.ts';
import type { Link, ShortUrlRow } from '../../src/redirect/link.ts';
import { LinkLoader, type LoaderOptions, type Outcome } from '../../src/redirect/loader.ts';

type Statement = ReturnType<typeof Promise.withResolvers<ShortUrlRow[]>> & {
  readonly domainIds: readonly number[];
  readonly shortCodes: readonly string[];
};

let loaders: LinkLoader[] = [];
afterEach(() => {
  for (const loader of loaders) loader.close();
  loaders = [];
});

/** A loader whose statements are answered by the test. */
function setUp(options: Partial<LoaderOptions> = {}) {
  const statements: Statement[] = [];
  const kept: [string, Link | null][] = [];
  const loader = new LinkLoader({
    find: (domainIds, shortCodes) => {
      const statement = { ...Promise.withResolvers<ShortUrlRow[]>(), domainIds, shortCodes };
      statements.push(statement);
      return statement.promise;
    },
    onLoaded: (key, link) => kept.push([key, link]),
    deadlineMs: 1_000,
    maxBatch: 1_000,
    maxBatchesInFlight: 2,
    maxQueue: 10_000,
    ...options,
  });
  loaders.push(loader);
  return { loader, statements, kept };
}

function load(loader: LinkLoader, shortCode: string, domainId = 0): Promise<Outcome> {
  return new Promise((resolve) => loader.load(domainId, shortCode, resolve));
}

function row(shortCode: string, longUrl = 'https://example.com/', domainId = 0): ShortUrlRow {
  const dates = { validSinceMs: null, validUntilMs: null, maxVisits: null, rules: null };
  return { domainId, shortCode, shortUrlId: 1, longUrl, forwardQuery: true, ...dates };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const code = (outcome: Outcome) => (outcome instanceof AppError ? outcome.code : undefined);

describe('the loader', () => {
  test('asks for all misses of a tick in one statement, and for each code once', async () => {
    const { loader, statements } = setUp();
    const outcomes = ['a', 'b', 'a', 'c', 'a'].map((shortCode) => load(loader, shortCode));
    await tick();
    expect(statements.map(({ shortCodes }) => shortCodes)).toEqual([['a', 'b', 'c']]);
    statements[0]?.resolve([row('c', 'https://c.example/'), row('a', 'https://a.example/')]);
    const links = await Promise.all(outcomes);
    expect(links.map((link) => (link as Link | null)?.location)).toEqual([
      'https://a.example/',
      undefined,
      'https://a.example/',
      'https://c.example/',
      'https://a.example/',
    ]);
  });

  test('who comes while a code is under way joins its load', async () => {
    const { loader, statements } = setUp();
    const first = load(loader, 'a');
    await tick();
    const second = load(loader, 'a');
    await tick();
    expect(statements).toHaveLength(1);
    statements[0]?.resolve([row('a')]);
    expect(await first).toBe(await second);
  });

  test('keeps a bounded number of statements under way and puts the rest into the next', async () => {
    const { loader, statements } = setUp({ maxBatchesInFlight: 2 });
    for (const shortCode of ['a', 'b', 'c', 'd']) {
      void load(loader, shortCode);
      await tick();
    }
    expect(statements.map(({ shortCodes }) => shortCodes)).toEqual([['a'], ['b']]);
    statements[0]?.resolve([]);
    await tick();
    expect(statements.map(({ shortCodes }) => shortCodes)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  test('a load begun before an invalidation of its key is discarded and repeated', async () => {
    const { loader, statements, kept } = setUp();
    const outcome = load(loader, 'a');
    await tick();
    loader.invalidate('a');
    statements[0]?.resolve([row('a', 'https://old.example/')]);
    await tick();
    expect(kept).toEqual([]);
    statements[1]?.resolve([row('a', 'https://new.example/')]);
    expect(((await outcome) as Link).location).toBe('https://new.example/');
    expect(kept.map(([, link]) => link?.location)).toEqual(['https://new.example/']);
  });

  test('an invalidation before the statement begins costs nothing', async () => {
    const { loader, statements } = setUp();
    const outcome = load(loader, 'a');
    loader.invalidate('a');
    await tick();
    statements[0]?.resolve([row('a')]);
    await outcome;
    expect(statements).toHaveLength(1);
  });

  test('a link counts as loaded when its statement began, not when it ended', async () => {
    const { loader, statements } = setUp();
    const outcome = load(loader, 'a');
    await tick();
    const beganBefore = performance.now();
    await Bun.sleep(5);
    statements[0]?.resolve([row('a')]);
    expect(((await outcome) as Link).loadedAtMs).toBeLessThanOrEqual(beganBefore);
  });

  test('nobody waits longer than the deadline, and a late answer still reaches the cache', async () => {
    const { loader, statements, kept } = setUp({ deadlineMs: 20 });
    const beganAt = performance.now();
    expect(code(await load(loader, 'a'))).toBe('database-unavailable');
    expect(performance.now() - beganAt).toBeWithin(15, 200);
    statements[0]?.resolve([row('a')]);
    await tick();
    expect(kept.map(([key]) => key)).toEqual(['a']);
    expect(loader.pending).toBe(0);
  });

  test('who joins late has a deadline of his own', async () => {
    const { loader } = setUp({ deadlineMs: 60 });
    const first = load(loader, 'a').then(() => performance.now());
    await Bun.sleep(30);
    const joinedAt = performance.now();
    const second = load(loader, 'a').then(() => performance.now());
    expect(await first).toBeLessThan(await second);
    expect((await second) - joinedAt).toBeGreaterThan(50);
  });

  test('refuses at once what does not fit the queue', async () => {
    const { loader } = setUp({ maxQueue: 2 });
    void load(loader, 'a');
    void load(loader, 'b');
    expect(code(await load(loader, 'c'))).toBe('overloaded');
    expect(loader.pending).toBe(2);
  });

  test('a statement that fails fails only those who wait for it, and what comes next is asked for again', async () => {
    const { loader, statements, kept } = setUp();
    const outcome = load(loader, 'a');
    await tick();
    statements[0]?.reject(new Error('gone'));
    expect(code(await outcome)).toBe('database-unavailable');
    const again = load(loader, 'a');
    await tick();
    statements[1]?.resolve([row('a')]);
    expect(((await again) as Link).shortCode).toBe('a');
    expect(kept).toHaveLength(1);
  });

  test("a domain has its own links and else the default domain's", async () => {
    const { loader, statements } = setUp();
    const outcomes = [load(loader, 'both', 5), load(loader, 'default', 5), load(loader, 'none', 5)];
    await tick();
    expect(statements[0]?.domainIds).toEqual([5, 0, 5, 0, 5, 0]);
    statements[0]?.resolve([
      row('both', 'https://default.example/'),
      row('both', 'https://own.example/', 5),
      row('default', 'https://default.example/'),
    ]);
    const links = (await Promise.all(outcomes)) as (Link | null)[];
    expect(links.map((link) => link?.location)).toEqual([
      'https://own.example/',
      'https://default.example/',
      undefined,
    ]);
  });
});
