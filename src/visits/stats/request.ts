import { QueryParams } from '../../http/query-params.ts';
import { AppError } from '../../lib/errors.ts';
import { readRange } from '../lists/list-request.ts';

export const INTERVALS = ['hour', 'day', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

export interface StatsRequest {
  readonly interval: Interval;
  /** From a moment on, and before another one. */
  readonly from: Date;
  readonly to: Date;
  readonly excludeBots: boolean;
  /** An IANA name. */
  readonly timezone: string;
}

/** More buckets are not answered at once: six weeks of hours, or nearly three years of days. */
export const MAX_BUCKETS = 1_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The shortest that each can be. */
const LENGTHS_MS: Readonly<Record<Interval, number>> = { hour: HOUR_MS, day: DAY_MS, month: 28 * DAY_MS };
/** How far back statistics go if no startDate is given. */
const SPANS_MS: Readonly<Record<Interval, number>> = { hour: 2 * DAY_MS, day: 30 * DAY_MS, month: 365 * DAY_MS };

/** The query of a request for statistics. Errors: `invalid-data`, also for more than {@link MAX_BUCKETS} buckets. */
export function readStatsRequest(url: string, now = new Date()): StatsRequest {
  const params = new QueryParams(url);
  const interval = params.oneOf('interval', INTERVALS) ?? 'day';
  const range = readRange(params);
  const excludeBots = params.boolean('excludeBots') ?? false;
  const timezone = params.read('timezone', parseTimezone) ?? 'UTC';
  params.finish();
  const to = range.to ?? now;
  const from = range.from ?? new Date(to.getTime() - SPANS_MS[interval]);
  requireFewBuckets(interval, from, to);
  return { interval, from, to, excludeBots, timezone };
}

/** Names only: PostgreSQL takes an offset such as `+02:00` for one to the west. */
function parseTimezone(name: string): string | undefined {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

function requireFewBuckets(interval: Interval, from: Date, to: Date): void {
  const buckets = Math.ceil((to.getTime() - from.getTime()) / LENGTHS_MS[interval]) + 1;
  if (buckets <= MAX_BUCKETS) return;
  throw new AppError(
    'invalid-data',
    `That would be ${buckets} intervals and at most ${MAX_BUCKETS} are answered: ask for a longer interval or fewer of them.`,
    { extra: { invalidElements: ['interval', 'startDate', 'endDate'] } },
  );
}
