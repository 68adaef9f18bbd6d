import { type Bench, keep } from './bench.ts';
import { compare, figuresOf } from './compare.ts';
import { checkLocations } from './contender.ts';
import type { Figure } from './figure.ts';
import { ROOM_FOR_ALL, startHop } from './peers/hop.ts';
import { startNginx } from './peers/nginx.ts';
import { writeUniform, writeZipf } from './workloads.ts';
import { checkAll } from './wrk.ts';

const GOALS = { zipf: 1.5, uniform: 1.65 };

/**
 * Redirects of links that hop has in memory, every visit journaled, against nginx with the same links in a `map` and
 * the same fields in its log. Nobody reads the log, so nobody reads the journal either: `visits` tells what that costs.
 */
export async function hot(bench: Bench): Promise<Figure[]> {
  const { directory, cleanUp, options, progress } = bench;
  const { database, links } = await bench.linked();
  const [link] = links;
  const [zipf, uniform] = [await writeZipf(directory, links), await writeUniform(directory, links)];
  progress('starting nginx and hop');
  const nginx = await keep(cleanUp, startNginx({ directory, link, answer: { map: links } }));
  const hop = await keep(
    cleanUp,
    startHop({ databaseUrl: database.url, directory, cacheMaxBytes: ROOM_FOR_ALL, link }),
  );
  for (const contender of [hop, nginx]) {
    progress(`warming up ${contender.name}, and checking each link`);
    await checkAll(contender, uniform.file);
    await checkLocations(contender, links.slice(0, 1_000));
  }
  progress('measuring');
  const comparisons = await compare([hop, nginx], [zipf, uniform], { ...options, databasePid: database.pid });
  return comparisons.flatMap((comparison) =>
    figuresOf(comparison, { of: 'ratio', is: '≤', value: comparison.workload === 'zipf' ? GOALS.zipf : GOALS.uniform }),
  );
}
