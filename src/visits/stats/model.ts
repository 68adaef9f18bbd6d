import { Type } from '@sinclair/typebox';
import { DateTime, Summary } from '../lists/model.ts';
import { INTERVALS } from './request.ts';

// What the documentation says of the answer; answer.ts makes it.

const Share = Type.Composite([
  Type.Object({
    name: Type.Union([Type.String(), Type.Null()], {
      description: '`null`: unknown or none; `other`: all that are too many to be told apart.',
    }),
  }),
  Summary,
]);
const Shares = (description: string) => Type.Array(Share, { description });
const Day = Type.String({ format: 'date' });

const EXAMPLE = {
  interval: 'day',
  timezone: 'Europe/Madrid',
  startDate: '2026-11-20T23:00:00+00:00',
  endDate: '2026-11-22T12:34:56+00:00',
  visitsSummary: { total: 42, nonBots: 40, bots: 2 },
  series: [
    { date: '2026-11-21T00:00:00+01:00', total: 42, nonBots: 40, bots: 2 },
    { date: '2026-11-22T00:00:00+01:00', total: 0, nonBots: 0, bots: 0 },
  ],
  breakdowns: {
    firstDay: '2026-11-20',
    lastDay: '2026-11-22',
    countries: [
      { name: 'ES', total: 41, nonBots: 40, bots: 1 },
      { name: null, total: 1, nonBots: 0, bots: 1 },
    ],
    browsers: [{ name: 'firefox', total: 42, nonBots: 40, bots: 2 }],
    operatingSystems: [{ name: 'linux', total: 42, nonBots: 40, bots: 2 }],
    devices: [{ name: 'desktop', total: 42, nonBots: 40, bots: 2 }],
    referrers: [{ name: 't.co', total: 42, nonBots: 40, bots: 2 }],
    types: [],
  },
};

export const Stats = Type.Object(
  {
    stats: Type.Object({
      interval: Type.Union(INTERVALS.map((interval) => Type.Literal(interval))),
      timezone: Type.String(),
      startDate: DateTime,
      endDate: DateTime,
      visitsSummary: Summary,
      series: Type.Array(Type.Composite([Type.Object({ date: DateTime }), Summary]), {
        description: 'One for each interval, named by when it begins.',
      }),
      breakdowns: Type.Object(
        {
          firstDay: Day,
          lastDay: Day,
          countries: Shares('By ISO 3166-1 code.'),
          browsers: Shares('By name.'),
          operatingSystems: Shares('By name.'),
          devices: Shares('By kind.'),
          referrers: Shares('By host.'),
          types: Shares('Of orphan visits: `base_url`, `invalid_short_url`, `regular_404`; empty for others.'),
        },
        { description: 'Most visits first. Of whole days of UTC, from the first to the last one.' },
      ),
    }),
  },
  { examples: [{ stats: EXAMPLE }] },
);
