import { join } from 'node:path';

/** What wrk saw: latencies from when a connection has sent its request, in ms. */
export interface WrkFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Broken connections and timeouts; but for `random` also answers above 399. */
  readonly failures: number;
}

export interface WrkOptions {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Of each request; `random`: another code each time, which leads nowhere. */
  readonly path: string;
}

export const hasWrk = Bun.which('wrk') !== null;

/** Asks as fast as the server answers, from a program of its own that costs little: Debian's wrk, by one thread. */
export async function runWrk({ port, connections, seconds, path }: WrkOptions): Promise<WrkFigures> {
  const load = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${seconds}s`,
    '--timeout',
    '30s',
  ];
  const script = ['--script', join(import.meta.dir, 'wrk.lua'), `http://127.0.0.1:${port}`, '--', path];
  const wrk = Bun.spawn(['wrk', ...load, ...script], { stdout: 'pipe', stderr: 'inherit' });
  const [output, exitCode] = await Promise.all([new Response(wrk.stdout).text(), wrk.exited]);
  if (exitCode !== 0) throw new Error(`wrk ended with ${exitCode}: ${output}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}
