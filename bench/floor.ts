import { join } from 'node:path';
import { type Bench, keep } from './bench.ts';
import { compare, type Sample } from './compare.ts';
import { type Figure, versus } from './figure.ts';
import { writeLines } from './links.ts';
import { startBun } from './peers/bun.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { writeZipf } from './workloads.ts';
import { checkAll } from './wrk.ts';

/**
 * How much of a redirect is Bun's: hop against a map behind Bun's HTTP server, which is the least that it can take on
 * Bun, and against the same behind Bun's sockets, which is what Bun's HTTP server adds. All have all links in memory.
 */
export async function floor(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { database, links } = await bench.linked();
  const [link] = links;
  const zipf = await writeZipf(directory, links);
  const linksFile = join(directory, 'links.txt');
  await writeLines(linksFile, links, ({ shortCode, longUrl }) => `${shortCode} ${longUrl}`);
  const figures: Figure[] = [];
  for (const tracks of [false, true]) {
    const what = tracks ? 'every visit journaled' : 'no visit recorded';
    progress(`${what}: starting hop and the others`);
    const shared = { directory, databaseUrl: database.url, cacheMaxBytes: ROOM_FOR_ALL, link };
    const hop = await keep(cleanUp, startHop({ ...shared, tracks }));
    const peers = await Promise.all(
      (['serve', 'listen'] as const).map((api) => {
        const logFile = tracks ? { logFile: join(directory, `${api}.log`) } : {};
        return keep(cleanUp, startBun({ api, linksFile, link, ...logFile }));
      }),
    );
    for (const contender of [hop, ...peers]) await checkAll(contender, zipf.file);
    progress('measuring');
    const [comparison] = await compare([hop, ...peers], [zipf], { ...options, databasePid: database.pid });
    for (const [index, { name }] of peers.entries()) {
      const cpu = comparison?.rounds.map((samples) => [cpuOf(samples[0]), cpuOf(samples[index + 1])] as const) ?? [];
      figures.push(versus({ what, unit: 'µs of CPU' }, name, cpu));
    }
    for (const contender of [hop, ...peers]) await contender.stop();
  }
  return figures;
}

function cpuOf(sample: Sample | undefined): number {
  return sample?.cpuMicros ?? Number.NaN;
}
