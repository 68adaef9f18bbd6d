import { type Bench, keep } from './bench.ts';
import { compare, figuresOf } from './compare.ts';
import type { Figure } from './figure.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { startNginx } from './peers/nginx.ts';
import { writeZipf } from './workloads.ts';
import { checkAll } from './wrk.ts';

/** Redirects of links that hop has in memory, no visit recorded, against nginx that answers all alike and logs nothing. */
export async function bare(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { database, links } = await bench.linked();
  const [link] = links;
  const zipf = await writeZipf(directory, links);
  progress('starting nginx and hop');
  const nginx = await keep(cleanUp, startNginx({ directory, link, answer: 'constant' }));
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: database.url, directory, tracks: false, cacheMaxBytes: ROOM_FOR_ALL, link }),
  );
  for (const contender of [hop, nginx]) {
    progress(`warming up ${contender.name}`);
    await checkAll(contender, zipf.file);
  }
  progress('measuring');
  const [comparison] = await compare([hop, nginx], [zipf], { ...options, databasePid: database.pid });
  return comparison ? figuresOf(comparison, { of: 'ratio', is: '≤', value: 1.4 }) : [];
}
