import { Type } from '@sinclair/typebox';
import { Pagination } from '../../http/paging.ts';
import { ORPHAN_KINDS } from './visit.ts';

// What the documentation says of the answers; answer.ts makes them.

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Count = Type.Integer({ minimum: 0 });
export const DateTime = Type.String({ format: 'date-time' });

export const Summary = Type.Object({ total: Count, nonBots: Count, bots: Count });

const Location = Type.Object({
  cityName: Type.String(),
  countryCode: Type.String({ description: 'ISO 3166-1, two letters.' }),
  countryName: Type.String(),
  latitude: Type.Number(),
  longitude: Type.Number(),
  regionName: Type.String(),
  timezone: Type.String({ description: 'An IANA name.' }),
});

const visit = {
  referer: Type.String({ description: 'Where the visitor came from; empty if that is unknown.' }),
  date: DateTime,
  userAgent: Type.String(),
  visitLocation: Nullable(Location, 'As far as the visitor’s address tells; parts that are unknown are empty.'),
  potentialBot: Type.Boolean(),
  visitedUrl: Nullable(Type.String(), 'What was asked for.'),
  redirectUrl: Nullable(Type.String(), 'Where the visitor was sent, if anywhere.'),
};

const EXAMPLE = {
  referer: 'https://t.co/',
  date: '2026-08-21T20:34:16+00:00',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
  visitLocation: {
    cityName: '',
    countryCode: 'US',
    countryName: 'United States',
    latitude: 0,
    longitude: 0,
    regionName: '',
    timezone: '',
  },
  potentialBot: false,
  visitedUrl: 'https://s.test/12C18',
  redirectUrl: 'https://example.com/',
};
const PAGINATION = { currentPage: 1, pagesCount: 12, itemsPerPage: 1, itemsInCurrentPage: 1, totalItems: 12 };

export const VisitList = Type.Object(
  { visits: Type.Object({ data: Type.Array(Type.Object(visit)), pagination: Pagination }) },
  { examples: [{ visits: { data: [EXAMPLE], pagination: PAGINATION } }] },
);

const type = Type.Union(
  ORPHAN_KINDS.map((kind) => Type.Literal(kind)),
  { description: 'What there was instead of a short URL.' },
);

export const OrphanVisitList = Type.Object(
  { visits: Type.Object({ data: Type.Array(Type.Object({ ...visit, type })), pagination: Pagination }) },
  {
    examples: [
      {
        visits: { data: [{ ...EXAMPLE, redirectUrl: null, type: 'invalid_short_url' }], pagination: PAGINATION },
      },
    ],
  },
);

export const Overview = Type.Object(
  { visits: Type.Object({ nonOrphanVisits: Summary, orphanVisits: Summary }) },
  {
    examples: [
      {
        visits: {
          nonOrphanVisits: { total: 64_994, nonBots: 64_986, bots: 8 },
          orphanVisits: { total: 37, nonBots: 34, bots: 3 },
        },
      },
    ],
  },
);

export const DeletedVisits = Type.Object({ deletedVisits: Count }, { examples: [{ deletedVisits: 536 }] });
