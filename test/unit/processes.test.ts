import { expect, test } from 'bun:test';
import { findAncestors, isStarter } from '../../src/lib/lifecycle/ancestors.ts';
import { isRunning, parsePs, parseStat, readProcess } from '../../src/lib/lifecycle/processes.ts';

test('a process is read with its name, parent and start', async () => {
  const self = await readProcess(process.pid);
  expect(self).toMatchObject({ pid: process.pid, parentPid: process.ppid, zombie: false });
  expect(self?.startTime).not.toBe('');
});

test('a later process with the same pid is another one', async () => {
  const self = await readProcess(process.pid);
  if (self === undefined) throw new Error('this process cannot be read');
  expect(await isRunning(self)).toBe(true);
  expect(await isRunning({ ...self, startTime: 'earlier' })).toBe(false);
});

test('a pid that nobody has reads as undefined', async () => {
  const gone = Bun.spawn(['true']);
  await gone.exited;
  expect(await readProcess(gone.pid)).toBeUndefined();
});

test('a name with blanks and parentheses does not shift the fields of /proc/PID/stat', () => {
  const stat = '42 (npm exec) (x) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 81234 0 0';
  expect(parseStat(stat)).toEqual({ name: 'npm exec) (x', parentPid: 7, startTime: '81234', zombie: false });
  expect(parseStat(stat.replace(' S ', ' Z ')).zombie).toBe(true);
});

test("the output of macOS's ps is understood", () => {
  const output = '    1 Ss   Tue Nov 24 00:06:23 2026     node             npm exec bun@1.4.5 start\n';
  expect(parsePs(42, output)).toEqual({
    pid: 42,
    parentPid: 1,
    zombie: false,
    startTime: 'Tue Nov 24 00:06:23 2026',
    name: 'node',
    command: 'npm exec bun@1.4.5 start',
  });
  expect(parsePs(42, '')).toBeUndefined();
});

test('npm is recognised by the title that it gives itself, not by a mention of it', () => {
  expect(isStarter({ name: 'npm exec bun@1.', command: 'npm exec bun@1.4.5 start' }, 'npm')).toBe(true);
  expect(isStarter({ name: 'node', command: 'npm run start' }, 'npm')).toBe(true);
  expect(isStarter({ name: 'bash', command: 'bash -c npm start' }, 'npm')).toBe(false);
});

test('the ancestors end with the nearest starter', async () => {
  const ancestors = await findAncestors('bun', process.pid);
  expect(ancestors.map(({ pid }) => pid)).toEqual([process.pid]);
});
