import { type Bench, keep } from './bench.ts';
import { compare, figuresOf } from './compare.ts';
import type { Figure } from './figure.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { writeZipf } from './workloads.ts';
import { checkAll } from './wrk.ts';

/**
 * What a visit costs in all: a redirect of a link in memory by hop, against hop with DISABLE_TRACKING. The recorder's work
 * is part of it, since all of hop's processes are measured together.
 */
export async function visits(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { database, links } = await bench.linked();
  const [link] = links;
  const zipf = await writeZipf(directory, links);
  progress('starting hop twice');
  const common = { databaseUrl: database.url, directory, cacheMaxBytes: ROOM_FOR_ALL, link, processes: 'all' } as const;
  const tracking = await keep(cleanUp, startHop(common));
  const silent = await keep(cleanUp, startHop({ ...common, tracks: false }));
  for (const contender of [tracking, silent]) {
    progress(`warming up ${contender.name}`);
    await checkAll(contender, zipf.file);
  }
  progress('measuring');
  const [comparison] = await compare([tracking, silent], [zipf], { ...options, databasePid: database.pid });
  return comparison ? figuresOf(comparison) : [];
}
