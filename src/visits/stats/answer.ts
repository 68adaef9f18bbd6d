import { isoDate } from '../../short-urls/answer.ts';
import { summaryAnswer } from '../lists/answer.ts';
import type { StatsRequest } from './request.ts';
import type { Bucket, Counts, Dimension, Share } from './store.ts';

/** Statistics as hop answers them. */
export function statsAnswer(request: StatsRequest, series: readonly Bucket[], shares: readonly Share[]) {
  const last = new Date(request.to.getTime() - 1);
  return {
    stats: {
      interval: request.interval,
      timezone: request.timezone,
      startDate: isoDate(request.from),
      endDate: isoDate(last),
      visitsSummary: summaryAnswer(totalOf(series)),
      series: series.map((bucket) => ({ date: localDate(bucket), ...summaryAnswer(bucket) })),
      breakdowns: {
        firstDay: request.from.toISOString().slice(0, 10),
        lastDay: last.toISOString().slice(0, 10),
        countries: sharesOf(shares, 'country'),
        browsers: sharesOf(shares, 'browser'),
        operatingSystems: sharesOf(shares, 'os'),
        devices: sharesOf(shares, 'device'),
        referrers: sharesOf(shares, 'referrer'),
        types: sharesOf(shares, 'kind'),
      },
    },
  };
}

function totalOf(series: readonly Counts[]): Counts {
  return series.reduce((sum, { nonBots, bots }) => ({ nonBots: sum.nonBots + nonBots, bots: sum.bots + bots }), {
    nonBots: 0,
    bots: 0,
  });
}

function sharesOf(shares: readonly Share[], dimension: Dimension) {
  return shares
    .filter((share) => share.dimension === dimension)
    .map((share) => ({ name: share.value || null, ...summaryAnswer(share) }));
}

/** With the offset of that moment in its time zone: `2026-07-01T00:00:00+02:00`. */
function localDate({ startMs, localStartMs }: Bucket): string {
  const minutes = Math.round((localStartMs - startMs) / 60_000);
  const digits = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${digits(Math.abs(minutes) / 60)}:${digits(Math.abs(minutes) % 60)}`;
  return new Date(localStartMs).toISOString().slice(0, 19) + offset;
}
