import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { faultRounds } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { until } from './fixtures/programs.ts';
import { hasEnded, killNow, Recording } from './fixtures/recording.ts';

const ROUNDS = faultRounds(6, 60);

let recording: Recording;

beforeEach(async () => {
  recording = await Recording.start();
});
afterEach(() => recording[Symbol.asyncDispose]());

/** Stores what is left, and says what must hold after whatever has happened. */
async function expectExactness(): Promise<void> {
  await recording.drain();
  const { visits, different, counted, countedByCode } = await recording.stored();
  expect({ different, counted, countedByCode }).toEqual({ different: visits, counted: visits, countedByCode: visits });
  const { written, missing } = await recording.acknowledged();
  expect(written).toBeGreaterThan(0);
  expect(missing).toBe(0);
}

test(
  'kill -9 of writers and recorders at random loses nothing that was written and counts nothing twice',
  async () => {
    const random = seededRandom(ROUNDS);
    const programs = [
      { start: () => recording.writer(), says: 'written' },
      { start: () => recording.writer(), says: 'written' },
      { start: () => recording.recorder(), says: 'ready' },
    ].map((kind) => ({ ...kind, program: kind.start() }));
    await Promise.all(programs.map(({ program, says }) => program.line(says)));
    for (let round = 0; round < ROUNDS; round++) {
      await Bun.sleep(random(250));
      const victim = programs[random(3)];
      if (victim === undefined) continue;
      await killNow(victim.program);
      victim.program = victim.start();
      // Else the next kill may find it still starting.
      if (random(4) > 0) await victim.program.line(victim.says);
    }
    await Promise.all(programs.map(({ program }) => killNow(program)));
    await expectExactness();
    expect(readdirSync(`${recording.dataDir}/journal`).filter((name) => name.endsWith('.journal'))).toEqual([]);
  },
  ROUNDS * 5_000 + 30_000,
);

describe('killed', () => {
  for (const point of ['before-write', 'after-write']) {
    test(`a writer ${point.replace('-', ' its ')} loses at most that write`, async () => {
      const writer = recording.writer(point);
      await until(() => hasEnded(writer));
      await expectExactness();
    });
  }

  for (const point of ['after-commit', 'before-unlink']) {
    test(`a recorder ${point.replace('-', ' its ')} leaves nothing to be counted twice`, async () => {
      const writer = recording.writer();
      const recorder = recording.recorder(point);
      await until(() => hasEnded(recorder));
      await killNow(writer);
      await expectExactness();
    });
  }
});
