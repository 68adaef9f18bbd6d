import type { Series } from './samples.ts';
import { meanOf, slopePerHour } from './slope.ts';

/** A process may grow by as much over the time that is judged: what a heap is early on and garbage make no leak. */
const RSS_GROWTH_MIB = 24;
/** Connections come and go. */
const HANDLES_GROWTH = 8;

export interface Verdict {
  readonly line: string;
  readonly isFlat: boolean;
}

/** Judges every series by its line from `sinceMs` on. */
export function verdicts(series: Series, sinceMs: number): Verdict[] {
  return [...series].map(([name, all]) => {
    const points = all.filter(({ atMs }) => atMs >= sinceMs);
    const hours = ((points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0)) / 3_600_000;
    const slope = slopePerHour(points);
    const values = points.map(({ value }) => value);
    const figures = `mean ${meanOf(values).toFixed(1)}, most ${Math.max(...values).toFixed(1)}, ${slope.toFixed(1)}/h`;
    const isFlat = slope * hours <= boundOf(name);
    return { isFlat, line: `${isFlat ? 'ok  ' : 'FAIL'} ${name}: ${figures}` };
  });
}

/** Lags are printed only: a busy machine makes them. */
function boundOf(name: string): number {
  if (name.endsWith('RSS MiB')) return RSS_GROWTH_MIB;
  return name.endsWith('handles') ? HANDLES_GROWTH : Number.POSITIVE_INFINITY;
}
