import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { plot } from './plot.ts';
import { RESULTS, type Result, type Results } from './results.ts';
import { HEADER, rowOf } from './table.ts';

export const README = join(import.meta.dir, '../README.md');
export const PLOT = join(RESULTS, 'latest.svg');
const SECTION = /(?<=<!-- benchmarks: .* -->\n).*(?=<!-- \/benchmarks -->)/s;

/** The README with the results in it. */
export function withResults(readme: string, results: Results): string {
  return readme.replace(SECTION, () => `\n${section(results)}\n`);
}

/** Writes the results into the README, and their plot. */
export async function publish(results: Results): Promise<void> {
  const readme = await Bun.file(README).text();
  await writeFile(README, withResults(readme, results));
  await writeFile(PLOT, plotOf(results));
}

/** The figures that have a peer. */
export function plotOf(results: Results): string {
  return plot(figuresOf(results).filter(({ figure: { ratio } }) => ratio !== undefined));
}

function figuresOf(results: Results): { name: string; figure: Figure }[] {
  return Object.entries(results).flatMap(([name, { figures }]) => figures.map((figure) => ({ name, figure })));
}

function section(results: Results): string {
  const rows = figuresOf(results).map(({ name, figure }) => rowOf(name, figure));
  const table = [HEADER, HEADER.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `${[table, circumstances(results), skips(results)].filter(Boolean).join('\n\n')}\n`;
}

/** When and on what, told once for all that have it in common. */
function circumstances(results: Results): string {
  const measured = Object.entries(results).filter(([, { skipped }]) => skipped === undefined);
  const groups = Map.groupBy(measured, ([, result]) => describe(result));
  return [...groups].map(([text, members]) => `${members.map(([name]) => name).join(', ')}: ${text}`).join('\n\n');
}

function describe({ takenAt, machine, versions }: Result): string {
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return `${takenAt.slice(0, 10)}, ${machine.cores} cores of ${machine.cpu}, Linux ${machine.kernel.split('-')[0]}, ${programs.join(', ')}.`;
}

function skips(results: Results): string {
  return Object.entries(results)
    .filter(([, { skipped }]) => skipped !== undefined)
    .map(([name, { skipped }]) => `Not measured: ${name}. ${skipped}`)
    .join('\n\n');
}
