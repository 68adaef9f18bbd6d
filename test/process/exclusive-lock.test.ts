import { afterAll, expect, test } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../src/lib/lifecycle/exclusive-lock.ts';
import { kill, Programs, until } from './fixtures/programs.ts';

const programs = new Programs();
afterAll(() => programs[Symbol.asyncDispose]());

test('of processes that try for a lock at the same instant, exactly one gets it, each time', async () => {
  const [rounds, begin] = [8, Date.now() + 300];
  const contenders = [1, 2].map(() => programs.fixture('lock', [programs.folder, `${begin}`, `${rounds}`]));
  const lines = await Promise.all(contenders.map((contender) => contender.line('won')));
  const won = lines.flatMap(([, ...names]) => names.filter((name) => name !== '').map(Number));
  expect(won.sort((a, b) => a - b)).toEqual([...Array(rounds).keys()]);
});

test('a lock is free again as soon as its holder is killed', async () => {
  const folder = join(programs.folder, 'killed');
  mkdirSync(folder);
  const holder = programs.fixture('lock', [folder, '0', '1']);
  await holder.line('won');
  const file = join(folder, 'lock-0');
  expect(tryLock(file)).toBeUndefined();
  kill(holder.process.pid);
  await until(() => tryLock(file) !== undefined, 1_000);
});
