import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import type { Database } from '../db/database.ts';
import { QueryParams } from '../http/query-params.ts';
import { json } from '../short-urls/rest-docs.ts';
import { deleteOrphanVisits, deleteShortUrlVisits } from './deletion.ts';
import * as docs from './docs.ts';
import { DeletedVisits } from './lists/model.ts';
import type { VisitSets } from './visit-sets.ts';

export interface VisitDeletionOptions {
  readonly database: Database;
  readonly visitSets: Pick<VisitSets, 'ofShortUrl' | 'orphans'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

const DELETED = { 200: json('How many they were.', DeletedVisits) };

/** Deletes visits by REST API v3: as far as the API key may see them. */
export function visitDeletionController({ database, visitSets, apiKeys }: VisitDeletionOptions) {
  const authenticate = (request: Request) => apiKeys.authenticate(request.headers.get('x-api-key'));

  return new Elysia({ name: 'visit-deletion', prefix: '/rest/v3' })
    .delete(
      '/short-urls/:shortCode/visits',
      async ({ request, params }) => {
        const apiKey = await authenticate(request);
        const shortUrl = await visitSets.ofShortUrl(params.shortCode, readDomain(request), apiKey);
        return { deletedVisits: await deleteShortUrlVisits(database, shortUrl) };
      },
      {
        detail: docs.visitOperation('deleteShortUrlVisits', 'Delete the visits of a short URL', {
          description: 'They are taken out of the statistics too.',
          parameters: [docs.SHORT_CODE, docs.DOMAIN_OF_SHORT_URL],
          responses: DELETED,
          refusals: { 404: 'There is no such short URL, or not for this API key.' },
        }),
      },
    )
    .delete(
      '/visits/orphan',
      async ({ request }) => {
        const set = await visitSets.orphans(undefined, undefined, await authenticate(request));
        return { deletedVisits: set.of === 'none' ? 0 : await deleteOrphanVisits(database) };
      },
      {
        detail: docs.visitOperation('deleteOrphanVisits', 'Delete the visits that met no short URL', {
          description: 'They are taken out of the statistics too. A key that may not see them deletes none.',
          responses: DELETED,
        }),
      },
    );
}

function readDomain({ url }: Request): string | undefined {
  const params = new QueryParams(url);
  const domain = params.text('domain');
  params.finish();
  return domain;
}
