import type { TimeRange } from './list-request.ts';

const HOUR_MS = 3_600_000;

/** The parts of a range that lie in hours (of UTC) which it does not contain as a whole: at most two. */
export function edgesOf({ from, to }: TimeRange): TimeRange[] {
  const firstWhole = from && ceilHour(from);
  const lastWhole = to && floorHour(to);
  if (firstWhole && lastWhole && firstWhole > lastWhole) return [{ from, to }];
  return [
    { from: lastWhole, to },
    { from, to: firstWhole },
  ].filter((edge) => edge.from !== null && edge.to !== null && edge.from < edge.to);
}

function ceilHour(date: Date): Date {
  return new Date(Math.ceil(date.getTime() / HOUR_MS) * HOUR_MS);
}

function floorHour(date: Date): Date {
  return new Date(Math.floor(date.getTime() / HOUR_MS) * HOUR_MS);
}
