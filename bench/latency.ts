import { join } from 'node:path';
import { type Bench, keep } from './bench.ts';
import type { Contender } from './contender.ts';
import { type Figure, versus } from './figure.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { startNginx } from './peers/nginx.ts';
import { CORES, startPinned } from './processes.ts';
import { writeZipf } from './workloads.ts';
import { checkAll } from './wrk.ts';

const GENERATOR = join(import.meta.dir, 'open-loop.ts');

/** How long redirects of links in memory take at a fixed rate, every visit journaled, against nginx with map and log. */
export async function latency(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { rate, rounds: count, seconds } = options;
  const { database, links } = await bench.linked();
  const [link] = links;
  const zipf = await writeZipf(directory, links);
  progress('starting nginx and hop');
  const nginx = await keep(cleanUp, startNginx({ directory, link, answer: { map: links } }));
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: database.url, directory, cacheMaxBytes: ROOM_FOR_ALL, link }),
  );
  for (const contender of [hop, nginx]) {
    progress(`warming up ${contender.name}`);
    await checkAll(contender, zipf.file);
    await atFixedRate(contender, zipf.file, { start: 0, rate, seconds: 1 });
  }
  progress('measuring');
  const rounds: [Latencies, Latencies][] = [];
  for (let round = 0; round < count; round++) {
    const load = { start: round * rate * seconds, rate, seconds };
    rounds.push([await atFixedRate(hop, zipf.file, load), await atFixedRate(nginx, zipf.file, load)]);
  }
  const pairs = (of: keyof Latencies) => rounds.map(([own, other]) => [own[of], other[of]] as const);
  const what = `at ${rate.toLocaleString('en')} requests/s`;
  return [
    versus({ what: `${what}, p50`, unit: 'ms' }, nginx.name, pairs('p50Ms')),
    versus({ what: `${what}, p99`, unit: 'ms' }, nginx.name, pairs('p99Ms')),
    versus({ what: `${what}, p99 of sending late (in those above)`, unit: 'ms' }, nginx.name, pairs('sentLateP99Ms')),
  ];
}

interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the generator itself, or while all its connections waited. */
  readonly sentLateP99Ms: number;
}

interface FixedLoad {
  readonly start: number;
  readonly rate: number;
  readonly seconds: number;
}

async function atFixedRate(
  { port, host }: Contender,
  paths: string,
  { start, rate, seconds }: FixedLoad,
): Promise<Latencies> {
  const args = [port, host, paths, start, rate, seconds].map(String);
  const child = startPinned([process.execPath, GENERATOR, ...args], { core: CORES.load, stdout: 'pipe' });
  const [output, exitCode] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (exitCode !== 0) throw new Error(`the generator ended with ${exitCode}`);
  return JSON.parse(output);
}
