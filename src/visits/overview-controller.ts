import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import type { Database } from '../db/database.ts';
import { json } from '../short-urls/rest-docs.ts';
import * as docs from './docs.ts';
import { summaryAnswer } from './lists/answer.ts';
import { Overview } from './lists/model.ts';
import type { VisitSet } from './lists/visit-set.ts';
import { summarise } from './summaries.ts';
import type { VisitSets } from './visit-sets.ts';

export interface OverviewOptions {
  readonly database: Database;
  readonly visitSets: Pick<VisitSets, 'nonOrphan' | 'orphans'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

/** How many visits there are, by REST API v3. */
export function visitsOverviewController({ database, visitSets, apiKeys }: OverviewOptions) {
  return new Elysia({ name: 'visits-overview', prefix: '/rest/v3' }).get(
    '/visits',
    async ({ request }) => {
      const apiKey = await apiKeys.authenticate(request.headers.get('x-api-key'));
      const summaryOf = async (set: Promise<VisitSet>) => summaryAnswer(await summarise(database, await set));
      const [nonOrphanVisits, orphanVisits] = await Promise.all([
        summaryOf(visitSets.nonOrphan(undefined, apiKey)),
        summaryOf(visitSets.orphans(undefined, undefined, apiKey)),
      ]);
      return { visits: { nonOrphanVisits, orphanVisits } };
    },
    {
      detail: docs.visitOperation('getGlobalVisits', 'Count all visits', {
        description:
          'Of the short URLs that the API key may see, and of no short URL; also such as are no longer kept one by one.',
        responses: { 200: json('The totals.', Overview) },
      }),
    },
  );
}
