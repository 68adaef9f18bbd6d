import { expect, test } from 'bun:test';
import { copyFileSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listSegments } from '../../src/visits/journal/segments.ts';
import { isAlive, until } from '../process/fixtures/programs.ts';
import { countedByPath, countOfAll, once } from '../support/counted.ts';
import { createTestDatabase } from '../support/database.ts';
import { faultRounds, printFigures } from '../support/figures.ts';
import { startLoad } from '../support/load.ts';
import { seededRandom } from '../support/random.ts';
import { connect } from '../support/sql.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';
import { readJournals } from '../support/visits.ts';

const ROUNDS = faultRounds(3);
const VISITS_OF_A_GENERATION = 12_000;
/** Segments of 512 KiB, and room for all visits, so that none is dropped. */
const JOURNAL_MAX_BYTES = '4MiB';

test('journals that come back, shuffled, again and again, and to two recorders at once, are counted once', async () => {
  await using stage = await startSupervised({ JOURNAL_MAX_BYTES });
  const { hops, hop, path, sql, variables } = stage;
  const copies = hops.newDataDir();
  const stopKeeping = keepAll(journalOf(variables.DATA_DIR), copies);
  const visits = await visitTwoGenerations(stage);
  hop.process.kill('SIGTERM');
  expect((await hop.ended()).code).toBe(0);
  stopKeeping();
  const kept = listSegments(copies);
  const journals = new Set(kept.map(({ journalId }) => journalId)).size;
  expect(kept.length).toBeGreaterThan(journals); // so that of a journal a later one can come before an earlier one
  expect(readJournals(copies).visits).toHaveLength(visits);
  expect(await countedByPath(sql)).toEqual(once({ [path]: visits }));
  printFigures('replay', { journals, segments: kept.length, visits, rounds: ROUNDS });

  const random = seededRandom(11);
  for (let round = 0; round < ROUNDS; round++) {
    await replay(stage, { copies, isEarly: round % 2 === 0, order: () => random(3) - 1 });
    expect(await countedByPath(sql)).toEqual(once({ [path]: visits }));
  }
  await twoAtOnce(stage, copies, visits);
}, 300_000);

/** Visits by four web processes, two of which have replaced the others. */
async function visitTwoGenerations({ hop, port, path, asked, children }: Supervised): Promise<number> {
  const load = startLoad({ port, path, clients: 8, keepAlive: true });
  await until(() => load.figures.answers > VISITS_OF_A_GENERATION);
  const old = children('web');
  hop.process.kill('SIGHUP');
  await until(() => old.every((pid) => !isAlive(pid)));
  const { answers } = load.figures;
  await until(() => load.figures.answers > answers + VISITS_OF_A_GENERATION);
  return asked + (await load.stop()).answers;
}

interface Replay {
  readonly copies: string;
  /** Whether the segments are there before the recorder is. */
  readonly isEarly: boolean;
  readonly order: () => number;
}

/** Lets `hop recorder` meet all segments again, in any order, until it has removed them. */
async function replay({ hops, variables }: Supervised, { copies, isEarly, order }: Replay): Promise<void> {
  const directory = journalOf(variables.DATA_DIR);
  const start = () => hops.start(['recorder'], { ...variables, JOURNAL_KEEP: '0' });
  const early = isEarly ? undefined : start();
  for (const { path } of listSegments(copies).sort(order)) {
    copyFileSync(path, join(directory, basename(path)));
    if (!isEarly) await Bun.sleep(300);
  }
  const recorder = early ?? start();
  await until(() => listSegments(directory).length === 0);
  recorder.process.kill('SIGTERM');
  await recorder.ended();
}

/** Two recorders, each with all segments in a folder of its own, and a database that has none of the visits. */
async function twoAtOnce({ hops, path, variables }: Supervised, copies: string, visits: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  const sql = stack.use(connect(database.url));
  const recorders = [hops.newDataDir(), hops.newDataDir()].map((dataDir) => {
    putAll(copies, journalOf(dataDir));
    const own = { DATA_DIR: dataDir, DATABASE_URL: database.url, JOURNAL_KEEP: '0' };
    return { dataDir, recorder: hops.start(['recorder'], { ...variables, ...own }) };
  });
  await until(() => recorders.every(({ dataDir }) => listSegments(journalOf(dataDir)).length === 0));
  for (const { recorder } of recorders) recorder.process.kill('SIGTERM');
  await Promise.all(recorders.map(({ recorder }) => recorder.ended()));
  expect(await countOfAll(sql)).toBe(visits);
  expect(await countedByPath(sql)).toEqual(once({ [path]: visits }));
}

function journalOf(dataDir = ''): string {
  return join(dataDir, 'journal');
}

/** Gives each segment that comes another name, under which it stays when the recorder removes it. */
function keepAll(from: string, to: string): () => void {
  mkdirSync(to);
  const keep = () => {
    for (const { path } of listSegments(from)) {
      const kept = join(to, basename(path));
      if (!existsSync(kept)) linkSync(path, kept);
    }
  };
  const timer = setInterval(keep, 20);
  return () => {
    clearInterval(timer);
    keep();
  };
}

function putAll(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const { path } of listSegments(from)) copyFileSync(path, join(to, basename(path)));
}
