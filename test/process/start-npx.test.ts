import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readProcess } from '../../src/lib/lifecycle/processes.ts';
import { Hops } from '../support/hop-process.ts';
import { isAlive, until } from './fixtures/programs.ts';

const hops = new Hops();
afterAll(() => hops[Symbol.asyncDispose]());

const MAIN = resolve(import.meta.dir, '../../src/main.ts');

/** A package whose start script is ours, without the installation before it. */
function newPackage(): string {
  const folder = hops.newDataDir();
  mkdirSync(folder);
  const scripts = { start: `bun ${MAIN} start` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'started-by-npx', version: '1.0.0', scripts }));
  return folder;
}

/** The process and its ancestors up to, and without, the given one. */
async function chain(pid: number, top: number): Promise<number[]> {
  const pids: number[] = [];
  for (let next = pid; next > 1 && next !== top; next = (await readProcess(next))?.parentPid ?? 0) pids.push(next);
  return pids;
}

const hasNpx = Bun.which('npx') !== null;
if (!hasNpx) console.log('skipped: hop started by npx (there is none)');

test.if(hasNpx).each(['SIGKILL', 'SIGTERM'] as const)('%s of npx leaves nothing of hop running', async (signal) => {
  const folder = newPackage();
  const dataDir = join(folder, 'data');
  const bun = dirname(process.execPath);
  // --offline and a call: npx runs the bun that is there, by the same chain of processes as one that it had fetched.
  const npx = hops.run(['npx', '--offline', '-c', `cd ${folder} && bun start`], {
    PATH: `${bun}:${process.env.PATH}`,
    HOME: folder,
    DATA_DIR: dataDir,
    PORT: '0',
  });
  await npx.url();
  const postmaster = Number(readFileSync(join(dataDir, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const pids = await chain(postmaster, npx.process.pid);
  expect(pids.length).toBeGreaterThanOrEqual(3); // postgres, hop, its bun or shell
  npx.process.kill(signal);
  await until(() => pids.every((pid) => !isAlive(pid)));
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);
});
