import type { Contender } from './contender.ts';
import { cpuSeconds } from './cpu.ts';
import { type Figure, type Goal, versus } from './figure.ts';
import type { Workload } from './workloads.ts';
import { load } from './wrk.ts';

export interface CompareOptions {
  readonly rounds: number;
  /** Of load for each measurement. */
  readonly seconds: number;
  /** The database's processes are measured as well, apart. */
  readonly databasePid: number;
}

/** One measurement of one server. */
export interface Sample {
  /** CPU time of the serving processes, in µs for each request. */
  readonly cpuMicros: number;
  /** The same of PostgreSQL. */
  readonly databaseCpuMicros: number;
  readonly requestsPerSecond: number;
}

/** All samples of one workload: one of each contender for each round, in the order of the contenders. */
export interface Comparison {
  readonly workload: string;
  readonly contenders: readonly string[];
  readonly rounds: readonly (readonly Sample[])[];
}

/** So far apart the rounds begin in the list of paths, so that they do not repeat the same part of it. */
const PATHS_PER_SECOND = 100_000;

/** Measures the contenders in turn, A B A B …, so that what else the machine does meets all of them alike. */
export async function compare(
  contenders: readonly Contender[],
  workloads: readonly Workload[],
  options: CompareOptions,
): Promise<Comparison[]> {
  const names = contenders.map(({ name }) => name);
  const comparisons = workloads.map(({ name }) => ({ workload: name, contenders: names, rounds: [] as Sample[][] }));
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, workload] of workloads.entries()) {
      const samples: Sample[] = [];
      for (const contender of contenders) samples.push(await measure(contender, workload, round, options));
      comparisons[index]?.rounds.push(samples);
    }
  }
  return comparisons;
}

/** One server under load, once. */
export async function measure(
  contender: Contender,
  { file }: Workload,
  round: number,
  { seconds, databasePid }: CompareOptions,
): Promise<Sample> {
  const read = () => Promise.all([cpuSeconds(contender.pid), cpuSeconds(databasePid)]);
  const [before, databaseBefore] = await read();
  const { requests, micros } = await load(contender, file, round * seconds * PATHS_PER_SECOND, seconds);
  const [after, databaseAfter] = await read();
  return {
    cpuMicros: ((after - before) / requests) * 1e6,
    databaseCpuMicros: ((databaseAfter - databaseBefore) / requests) * 1e6,
    requestsPerSecond: (requests / micros) * 1e6,
  };
}

/** CPU, with `goal` for its ratio, and requests a second of the first contender against the second. */
export function figuresOf({ workload, contenders, rounds }: Comparison, goal?: Goal): Figure[] {
  const peer = contenders[1] ?? '';
  const pairs = (metric: keyof Sample) =>
    rounds.map(([hop, other]) => [hop?.[metric] ?? Number.NaN, other?.[metric] ?? Number.NaN] as const);
  const database = pairs('databaseCpuMicros');
  const isDatabaseUsed = database.every(([hop]) => hop > 3);
  return [
    versus({ what: workload, unit: 'µs of CPU', goal }, peer, pairs('cpuMicros')),
    ...(isDatabaseUsed ? [versus({ what: `${workload}, PostgreSQL`, unit: 'µs of CPU' }, peer, database)] : []),
    versus({ what: workload, unit: 'requests/s' }, peer, pairs('requestsPerSecond')),
  ];
}
