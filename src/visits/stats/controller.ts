import { Elysia } from 'elysia';
import type { ApiKey, ApiKeyService } from '../../api-keys/service.ts';
import type { Database } from '../../db/database.ts';
import { QueryParams } from '../../http/query-params.ts';
import { json } from '../../short-urls/rest-docs.ts';
import * as docs from '../docs.ts';
import type { VisitSet } from '../lists/visit-set.ts';
import type { VisitSets } from '../visit-sets.ts';
import { statsAnswer } from './answer.ts';
import { Stats } from './model.ts';
import { INTERVALS, MAX_BUCKETS, readStatsRequest } from './request.ts';
import { readSeries, readShares } from './store.ts';

export interface StatsOptions {
  readonly database: Database;
  readonly visitSets: VisitSets;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

const PARAMETERS = [
  docs.inQuery('interval', `What the series is cut into; at most ${MAX_BUCKETS} of them.`, {
    type: 'string',
    enum: [...INTERVALS],
    default: 'day',
  }),
  docs.inQuery('startDate', 'From when, ISO 8601; else 2 days of hours, 30 of days, 365 of months.', docs.DATE),
  docs.inQuery('endDate', 'Until when, ISO 8601; else until now.', docs.DATE),
  docs.EXCLUDE_BOTS,
  docs.inQuery('timezone', 'By whose clocks days and months begin: an IANA name.', { type: 'string', default: 'UTC' }),
];

const INVALID = `Parameters are not valid, or that would be more than ${MAX_BUCKETS} intervals.`;
const FROM_ROLLUPS =
  'From what is counted by the hour and day: also of visits that are no longer kept one by one. ' +
  'Hours are those of UTC, and one that the range touches counts as a whole.';

/** Statistics of visits: hop’s own, beyond REST API v3. */
export function visitStatsController({ database, visitSets, apiKeys }: StatsOptions) {
  return new Elysia({ name: 'visit-stats', prefix: '/rest/v3' })
    .get(
      '/short-urls/:shortCode/stats',
      ({ request, params }) => stats(request, (apiKey) => ofShortUrl(request, params.shortCode, apiKey)),
      {
        detail: statsOperation('getShortUrlStats', 'Statistics of a short URL', {
          parameters: [docs.SHORT_CODE, docs.DOMAIN_OF_SHORT_URL],
          refusals: { 404: 'There is no such short URL, or not for this API key.' },
        }),
      },
    )
    .get(
      '/tags/:tag/stats',
      ({ request, params }) => stats(request, (apiKey) => visitSets.everOfTag(params.tag, apiKey)),
      {
        detail: statsOperation('getTagStats', 'Statistics of a tag', {
          description:
            `${FROM_ROLLUPS} Of the visits whose short URL had the tag then; for an API key that is restricted, ` +
            'of its short URLs that have the tag now.',
          parameters: [docs.TAG],
          refusals: { 404: 'There is no such tag, or not for this API key.' },
        }),
      },
    )
    .get(
      '/domains/:domain/stats',
      ({ request, params }) => stats(request, (apiKey) => visitSets.ofDomain(params.domain, apiKey)),
      {
        detail: statsOperation('getDomainStats', 'Statistics of a domain', {
          parameters: [docs.DOMAIN_NAME],
          refusals: { 404: 'There is no such domain, or not for this API key.' },
        }),
      },
    )
    .get('/visits/stats', ({ request }) => stats(request, (apiKey) => visitSets.nonOrphan(undefined, apiKey)), {
      detail: statsOperation('getVisitsStats', 'Statistics of all short URLs'),
    })
    .get(
      '/visits/orphan/stats',
      ({ request }) => stats(request, (apiKey) => visitSets.orphans(undefined, undefined, apiKey)),
      { detail: statsOperation('getOrphanVisitsStats', 'Statistics of visits that met no short URL') },
    );

  async function stats(request: Request, find: (apiKey: ApiKey) => Promise<VisitSet>) {
    const apiKey = await apiKeys.authenticate(request.headers.get('x-api-key'));
    const asked = readStatsRequest(request.url);
    const set = await find(apiKey);
    const [series, shares] = await Promise.all([readSeries(database, set, asked), readShares(database, set, asked)]);
    return statsAnswer(asked, series, shares);
  }

  function ofShortUrl({ url }: Request, shortCode: string, apiKey: ApiKey): Promise<VisitSet> {
    const params = new QueryParams(url);
    const domain = params.text('domain');
    params.finish();
    return visitSets.ofShortUrl(shortCode, domain, apiKey);
  }
}

type StatsDetail = Omit<Parameters<typeof docs.visitOperation>[2], 'responses'>;

function statsOperation(
  operationId: string,
  summary: string,
  { parameters = [], refusals, ...rest }: StatsDetail = {},
) {
  return docs.visitOperation(operationId, summary, {
    description: FROM_ROLLUPS,
    ...rest,
    parameters: [...parameters, ...PARAMETERS],
    responses: { 200: json('The statistics.', Stats) },
    refusals: { 400: INVALID, ...refusals },
  });
}
