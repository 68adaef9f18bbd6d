import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, Programs, until } from './fixtures/programs.ts';

const FIXTURE = join(import.meta.dir, 'fixtures', 'shutdown.ts');

const programs = new Programs();
afterAll(() => programs[Symbol.asyncDispose]());

async function ready(...args: string[]) {
  const program = programs.fixture('shutdown', args);
  await program.line('ready');
  return program;
}

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s stops in order and exits with 0', async (signal) => {
    const program = await ready('20');
    program.process.kill(signal);
    expect(await program.process.exited).toBe(0);
    expect(program.output).toEndWith(`stopping: ${signal}\nstopped\n`);
  });

  test('that is repeated at once, as npx does with Ctrl-C, counts as one', async () => {
    const program = await ready('300');
    program.process.kill('SIGINT');
    await program.line('stopping');
    program.process.kill('SIGINT');
    expect(await program.process.exited).toBe(0);
    expect(program.output).toEndWith('stopped\n');
  });

  test('that comes a second time later ends the process at once', async () => {
    const program = await ready('1400');
    program.process.kill('SIGINT');
    await Bun.sleep(600);
    program.process.kill('SIGINT');
    expect(await program.process.exited).toBe(1);
    expect(program.output).not.toContain('stopped');
  });

  test('exits with 1 when stopping fails', async () => {
    const program = await ready('-1');
    program.process.kill('SIGTERM');
    expect(await program.process.exited).toBe(1);
  });

  test('exits with 1 when stopping takes longer than the deadline', async () => {
    const program = await ready('60000');
    const begin = performance.now();
    program.process.kill('SIGTERM');
    expect(await program.process.exited).toBe(1);
    expect(performance.now() - begin).toBeWithin(1_400, 3_000);
  });
});

test('closing the terminal stops in order', async () => {
  let output = '';
  const terminal = { data: (_: unknown, data: Uint8Array) => (output += Buffer.from(data).toString()) };
  const program = Bun.spawn([process.execPath, FIXTURE, '10'], { terminal });
  await until(() => output.includes('ready'));
  program.terminal?.close();
  expect(await program.exited).toBe(0);
});

describe('what npm started', () => {
  const npm = join(programs.folder, 'npm');
  symlinkSync('/bin/sh', npm);
  // npm → sh → hop; the shells stay because something follows.
  const script = `/bin/sh -c '${process.execPath} ${FIXTURE} 0 npm; true'; true`;

  test.each(['SIGKILL', 'SIGTERM'] as const)('stops when npm is gone by %s', async (signal) => {
    const starter = programs.start([npm, '-c', script]);
    const [, pid] = await starter.line('ready');
    starter.process.kill(signal);
    await starter.line('stopping: npm');
    await until(() => !isAlive(Number(pid)));
  });

  test('stops when npm was gone before it came up', async () => {
    // The shell ends at once, and the tests themselves may run below npm. It has to end before the program begins, which
    // else is sometimes gone with it: bun test is run with --no-orphans.
    const output = join(programs.folder, 'orphan');
    programs.start(['/bin/sh', '-c', `(sleep 0.5; exec ${process.execPath} ${FIXTURE} 0 npm > ${output}) &`]);
    const lines = async () => (existsSync(output) ? (await Bun.file(output).text()).split('\n') : []);
    await until(async () => (await lines()).includes('stopped'));
    expect(await lines()).toContain('stopping: npm, which started hop, is gone');
  });
});
