import { readFile } from 'node:fs/promises';
import { type Bench, keep, within } from './bench.ts';
import { descendants } from './cpu.ts';
import { alone, type Figure } from './figure.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { writeSample, writeUniform } from './workloads.ts';
import { checkAll } from './wrk.ts';

/** So many make what else a process needs for its work, and what its heap leaves free, small beside them. */
const LINKS = 700_000;
const OTHERS = 300_000;
const SETTLE_MS = 1_000;
/** A web process and the recorder. */
const CHILDREN = 2;
const MIB = 2 ** 20;

/** Memory of a web process that has had nothing to do, of hop as a whole in that state, and of each link that it knows. */
export async function memory(bench: Bench): Promise<Figure[]> {
  const { directory, options, progress } = bench;
  const { database, links } = await bench.linked();
  const cached = links.slice(0, LINKS);
  const uniform = await writeUniform(directory, cached);
  const sample = await writeSample(directory, links.slice(-OTHERS));
  const common = { databaseUrl: database.url, directory, cacheMaxBytes: ROOM_FOR_ALL, link: links[0] };
  const rounds: { web: number; all: number; link: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    progress(`measuring, round ${round + 1}`);
    await using cleanUp = within(bench.cleanUp);
    // In a place of its own: where others have left visits, its recorder would not be idle.
    const all = await keep(cleanUp, startHop({ ...common, processes: 'all', name: `idle-${round}` }));
    const web = await keep(cleanUp, startHop(common));
    while ((await descendants(all.pid)).length < CHILDREN) await Bun.sleep(10);
    await Bun.sleep(SETTLE_MS);
    const idle = { web: await residentBytes(web.pid), all: await proportionalBytes(all.pid) };
    await all.stop();
    // What its first work makes a process take is no link's.
    await checkAll(web, sample.file);
    const before = await residentBytes(web.pid);
    await checkAll(web, uniform.file);
    const after = await residentBytes(web.pid);
    rounds.push({ web: idle.web / MIB, all: idle.all / MIB, link: (after - before) / cached.length });
  }
  const values = (of: keyof (typeof rounds)[number]) => rounds.map((round) => round[of]);
  return [
    alone({ what: 'each cached link', unit: 'bytes' }, values('link')),
    alone({ what: 'idle web process', unit: 'MiB' }, values('web')),
    alone({ what: 'idle supervisor, web process and recorder together', unit: 'MiB' }, values('all')),
  ];
}

export async function residentBytes(pid: number): Promise<number> {
  return (await kibibytes(`/proc/${pid}/status`, 'VmRSS')) * 1024;
}

/** Of a process and all below it; what they share is counted once. */
async function proportionalBytes(pid: number): Promise<number> {
  const pids = [pid, ...(await descendants(pid))];
  const sizes = await Promise.all(pids.map((each) => kibibytes(`/proc/${each}/smaps_rollup`, 'Pss')));
  return sizes.reduce((sum, size) => sum + size, 0) * 1024;
}

async function kibibytes(file: string, name: string): Promise<number> {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(await readFile(file, 'utf8'));
  return Number(line?.[1] ?? Number.NaN);
}
