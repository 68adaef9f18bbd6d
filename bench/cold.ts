import { type Bench, keep } from './bench.ts';
import { compare, figuresOf } from './compare.ts';
import { checkLocations } from './contender.ts';
import type { Figure } from './figure.ts';
import { startAiohttp } from './peers/aiohttp.ts';
import { ROOM_FOR_NEXT_TO_NONE, startHop } from './peers/hop.ts';
import { writeSample, writeUniform } from './workloads.ts';
import { checkAll, load } from './wrk.ts';

const WARM_UP_SECONDS = 3;

/** Redirects of links that hop must first look up, against a service without a cache on the same database. */
export async function cold(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { database, links } = await bench.linked();
  const [link] = links;
  const uniform = await writeUniform(directory, links);
  const sample = await writeSample(directory, links);
  progress('starting aiohttp and hop');
  const aiohttp = await keep(cleanUp, startAiohttp(database.url, link));
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: database.url, directory, cacheMaxBytes: ROOM_FOR_NEXT_TO_NONE, link }),
  );
  for (const contender of [hop, aiohttp]) {
    progress(`warming up ${contender.name}, and checking a sample of links`);
    await checkAll(contender, sample.file);
    await checkLocations(contender, links.slice(0, 1_000));
    await load(contender, uniform.file, 0, WARM_UP_SECONDS);
  }
  progress('measuring');
  const [comparison] = await compare([hop, aiohttp], [uniform], { ...options, databasePid: database.pid });
  return comparison ? figuresOf(comparison, { of: 'ratio', is: '≤', value: 1 / 12 }) : [];
}
