import { join } from 'node:path';

const PROGRAM = join(import.meta.dir, 'arrivals-program.ts');

/** Requests that come at a fixed rate, whatever the server does, as visitors do. */
export interface Arrivals {
  readonly port: number;
  readonly path: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** At once. A request that comes when all are busy is turned away, as a proxy does that has no more for its server. */
  readonly connections: number;
  /** Whether connections are used again, as by a proxy, or each request has its own, as of a visitor who comes once. */
  readonly keepAlive: boolean;
}

export interface ArrivalFigures {
  readonly offered: number;
  readonly answered: number;
  readonly answeredPerSecond: number;
  /** Without a free connection: never sent. */
  readonly turnedAway: number;
  /** Sent, but without an answer when the client lost its patience. */
  readonly gaveUp: number;
  /** Refused, reset or closed without an answer. */
  readonly broken: number;
  /** Answers other than 302. */
  readonly others: number;
  /** Of those that were answered: from when they came, from when the server's system had taken their connection. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly acceptedP99Ms: number;
  /** How much too late the generator itself was. */
  readonly lateP99Ms: number;
}

/** Runs them from a program of its own. */
export async function offer(arrivals: Arrivals): Promise<ArrivalFigures> {
  const program = Bun.spawn([process.execPath, PROGRAM, JSON.stringify(arrivals)], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const [output, exitCode] = await Promise.all([new Response(program.stdout).text(), program.exited]);
  if (exitCode !== 0) throw new Error(`the generator ended with ${exitCode}`);
  return JSON.parse(output);
}
