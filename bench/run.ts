import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, type BenchOptions, partOf, prepare, type Scenario, within } from './bench.ts';
import { strangersCpuSeconds } from './cpu.ts';
import type { Figure } from './figure.ts';
import { MissingPeerError, need } from './peers/need.ts';
import { publish } from './publish.ts';
import { saveResult } from './results.ts';
import { SCENARIOS } from './scenarios.ts';
import { columns, HEADER, rowOf } from './table.ts';

const WIDTH = Math.max(...Object.keys(SCENARIOS).map((name) => name.length));
const USAGE = `bun run bench [NAME…] [--rounds 5] [--seconds 3] [--links 1000000] [--visits N] [--rate 10000] [--keep FOLDER] [--dry]

Measures hop on this machine, against a peer where there is one; without a name, all of it, which takes about 35 minutes.
${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(WIDTH)}  ${about}`)
  .join('\n')}

The results go to bench/results/latest.json, each as soon as it is there, and into the README; with --dry nowhere. With
--keep the database of \`stats\` stays in a folder for the next run.`;

interface Plan {
  readonly names: readonly string[];
  readonly options: BenchOptions;
  /** Whether nothing is to be kept. */
  readonly isDry: boolean;
}

/** Measures one benchmark after the other; whatever happens, everything that was started is stopped. */
async function main(args: string[]): Promise<number> {
  const plan = parse(args);
  needMachine();
  await using cleanUp = new AsyncDisposableStack();
  const running = prepare(plan.options, cleanUp, progress).then((run) => runAll(plan, run));
  return await Promise.race([running, interruption()]);
}

/** The exit code: one benchmark that fails or is skipped keeps no other from running. */
async function runAll({ names, isDry }: Plan, run: Bench): Promise<number> {
  let exitCode = 0;
  for (const name of names) {
    const result = await measured(name, run);
    if (result === undefined) exitCode = 1;
    else if (!isDry) await publish(await saveResult(name, result, Object.keys(SCENARIOS)));
  }
  progress('done');
  return exitCode;
}

async function measured(name: string, run: Bench): Promise<Parameters<typeof saveResult>[1] | undefined> {
  const scenario = SCENARIOS[name] as Scenario;
  const begunAtMs = performance.now();
  const strangersBefore = await strangersCpuSeconds();
  try {
    scenario.need?.();
    progress(`${name}:`);
    const figures = await figuresOf(name, scenario, run);
    console.log(`${columns([HEADER, ...figures.map((figure) => rowOf(name, figure))])}\n`);
    const seconds = (performance.now() - begunAtMs) / 1000;
    // The kernel samples the one and measures the other: a quiet machine may come out a little below 0.
    const strangersCores = Math.max(0, ((await strangersCpuSeconds()) - strangersBefore) / seconds);
    const { keep: _, ...options } = run.options; // a folder of this machine is nothing for others
    return { options, seconds, strangersCores, figures };
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    const isMissing = error instanceof MissingPeerError;
    console.error(`${name} ${isMissing ? 'is skipped' : 'failed'}:`, isMissing ? error.message : error);
    return isMissing ? { figures: [], skipped: error.message } : undefined;
  }
}

/** What the benchmark has started ends with it, also when it takes too long. */
async function figuresOf(name: string, { measure, limitSeconds }: Scenario, run: Bench): Promise<Figure[]> {
  await using cleanUp = within(run.cleanUp);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not done within ${limitSeconds} s`)), limitSeconds * 1000);
  cleanUp.defer(() => clearTimeout(timer));
  const measuring = partOf(run, name, cleanUp).then(measure);
  measuring.catch(() => {}); // said already, if it comes after that
  return await Promise.race([measuring, late.promise]);
}

function progress(message: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${message} …`);
}

function parse(args: string[]): Plan {
  const number = (name: string) => ({ type: 'string', default: name }) as const;
  const { positionals, values } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: {
      rounds: number('5'),
      seconds: number('3'),
      links: number('1000000'),
      visits: { type: 'string' },
      keep: { type: 'string' },
      rate: number('10000'),
      dry: { type: 'boolean', default: false },
    },
  });
  const { rounds, seconds, links, visits, keep, rate, dry, ...unknown } = values;
  const given = { rounds: Number(rounds), seconds: Number(seconds), links: Number(links), rate: Number(rate) };
  const numbers = { ...given, visits: visits === undefined ? undefined : Number(visits) };
  const isValid = Object.values(numbers).every(
    (value) => value === undefined || (Number.isInteger(value) && value > 0),
  );
  const options = { ...numbers, keep: typeof keep === 'string' ? keep : undefined };
  const isKnown = positionals.every((name) => Object.hasOwn(SCENARIOS, name));
  if (!isKnown || !isValid || Object.keys(unknown).length > 0) throw new StoppedError(USAGE);
  return { names: positionals.length > 0 ? positionals : Object.keys(SCENARIOS), options, isDry: dry === true };
}

function needMachine(): void {
  if (process.platform !== 'linux') throw new StoppedError('The benchmarks read /proc: they run on Linux only.');
  if (availableParallelism() < 2)
    throw new StoppedError('The benchmarks need two cores: one for the server, one for wrk.');
  for (const program of ['wrk', 'taskset', 'setpriv'] as const) need(program);
}

/** Rejects on the first signal; later ones (Ctrl-C often comes twice) must not disturb the clean-up. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => reject(new StoppedError(`Stopped by ${signal}.`)));
    }
  });
}

/** What is said to the person at the terminal; anything else that is thrown is a fault of ours, shown with its stack. */
class StoppedError extends Error {}

process.exit(
  await main(process.argv.slice(2)).catch((error) => {
    const isForPerson = error instanceof StoppedError || error instanceof MissingPeerError;
    console.error(isForPerson ? error.message : error);
    return 1;
  }),
);
