import { join } from 'node:path';
import { seededRandom } from '../test/support/random.ts';
import { codeOf, type Link, writeLines } from './links.ts';

/** A file of paths in the order in which they are asked for. */
export interface Workload {
  readonly name: string;
  readonly file: string;
}

/** So many links are looked at one by one where asking for all would take too long. */
const SAMPLE_SIZE = 20_000;

/** Every link once, in random order: walked through, no link is more frequent than another. */
export function writeUniform(directory: string, links: readonly Link[]): Promise<Workload> {
  return write(directory, 'uniform', shuffled(links));
}

/** As many draws as there are links, where the link of rank r comes 1/r as often as the first: Zipf(1). */
export function writeZipf(directory: string, links: readonly Link[]): Promise<Workload> {
  const ranked = shuffled(links);
  const draw = zipfRanks(links.length);
  return write(
    directory,
    'zipf',
    ranked.map(() => ranked[draw()]).filter((link) => link !== undefined),
  );
}

export function writeSample(directory: string, links: readonly Link[]): Promise<Workload> {
  return write(directory, 'sample', shuffled(links).slice(0, SAMPLE_SIZE));
}

async function write(directory: string, name: string, links: readonly Link[]): Promise<Workload> {
  const file = join(directory, `${name}.paths`);
  await writeLines(file, links, ({ shortCode }) => `/${shortCode}`);
  return { name, file };
}

/** Fisher and Yates; the same order in every run. */
function shuffled(links: readonly Link[]): Link[] {
  const random = seededRandom(1);
  const order = Uint32Array.from(links.keys());
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = random(last + 1);
    [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
  }
  return Array.from(order, (index) => links[index]).filter((link) => link !== undefined);
}

/** `draws` paths of the links with the numbers 1 to `count` (see `codeOf`): by Zipf(1), or each link as often as another. */
export async function writeDraws(
  file: string,
  { count, draws, law, seed }: { count: number; draws: number; law: 'zipf' | 'uniform'; seed: number },
): Promise<Workload> {
  const random = seededRandom(seed);
  const draw = law === 'zipf' ? zipfRanks(count, random) : () => random(count);
  const numbers = Array.from({ length: draws }, () => draw() + 1);
  await writeLines(file, numbers, (number) => `/${codeOf(number)}`);
  return { name: law, file };
}

/** Draws ranks from 0 on by looking a random number up in the cumulated weights. */
function zipfRanks(count: number, random = seededRandom(2)): () => number {
  const cumulated = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) cumulated[rank] = total += 1 / (rank + 1);
  return () => firstAbove(cumulated, (random(2 ** 32) / 2 ** 32) * total);
}

function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
