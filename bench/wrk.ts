import { join } from 'node:path';
import { CORES, startPinned } from './processes.ts';

const REDIRECTS = join(import.meta.dir, 'wrk.lua');
const CREATES = join(import.meta.dir, 'create.lua');
/** Enough to keep the server busy, few enough that what waits in line stays in its caches. */
const CONNECTIONS = 48;
/** Clients that create, each waiting for its answer. */
const CREATING_CLIENTS = 64;
/** A server that hangs must not hang the benchmark. */
const CHECK_TIMEOUT_SECONDS = 180;

export interface Target {
  readonly port: number;
  /** The Host header. */
  readonly host: string;
}

export interface Load {
  readonly requests: number;
  readonly micros: number;
}

interface Summary extends Load {
  readonly brokenConnections: number;
  readonly errorAnswers: number;
  readonly checked?: number;
  readonly not302?: number;
}

/** As many requests as the server answers in `seconds`, for the paths of a file from number `start` on. */
export async function load(target: Target, paths: string, start: number, seconds: number): Promise<Load> {
  return run(target, [...duration(seconds, CONNECTIONS), REDIRECTS], [paths, target.host, String(start), 'load']);
}

/** Asks for every path of a file and throws unless every answer is a 302. */
export async function checkAll(target: Target, paths: string): Promise<void> {
  const options = [...duration(CHECK_TIMEOUT_SECONDS, CONNECTIONS), REDIRECTS];
  const { checked = 0, not302 = 0 } = await run(target, options, [paths, target.host, '0', 'check']);
  if (checked === 0 || not302 > 0)
    throw new Error(`${not302} of ${checked} answers on port ${target.port} were no 302`);
}

/** As many short URLs as the server makes in `seconds`, one for each request; `part` tells their long URLs from others. */
export async function createLoad(target: Target, apiKey: string, part: string, seconds: number): Promise<Load> {
  return run(target, [...duration(seconds, CREATING_CLIENTS), CREATES], [target.host, apiKey, part]);
}

function duration(seconds: number, connections: number): string[] {
  return ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--script'];
}

async function run({ port }: Target, options: readonly string[], args: readonly string[]): Promise<Summary> {
  const wrk = startPinned(['wrk', ...options, `http://127.0.0.1:${port}`, '--', ...args], {
    core: CORES.load,
    stdout: 'pipe',
  });
  const [output, exitCode] = await Promise.all([new Response(wrk.stdout).text(), wrk.exited]);
  if (exitCode !== 0) throw new Error(`wrk ended with ${exitCode}: ${output.trim()}`);
  const summary: Summary = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  if (summary.errorAnswers > 0 || summary.brokenConnections > 0 || summary.requests === 0) {
    throw new Error(`not every request to port ${port} was answered as it should: ${JSON.stringify(summary)}`);
  }
  return summary;
}
