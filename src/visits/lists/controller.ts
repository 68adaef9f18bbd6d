import { Elysia } from 'elysia';
import type { ApiKey, ApiKeyService } from '../../api-keys/service.ts';
import { paginationOf } from '../../http/paging.ts';
import { json } from '../../short-urls/rest-docs.ts';
import * as docs from '../docs.ts';
import type { VisitSets } from '../visit-sets.ts';
import { visitAnswer } from './answer.ts';
import { readVisitListRequest, type VisitListRequest } from './list-request.ts';
import type { VisitLists } from './list-service.ts';
import { OrphanVisitList, VisitList } from './model.ts';
import type { VisitSet } from './visit-set.ts';

export interface VisitListsOptions {
  readonly visitLists: Pick<VisitLists, 'page'>;
  readonly visitSets: VisitSets;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
}

const LIST = { 200: json('A page of the list.', VisitList) };

/** Lists of visits by REST API v3. */
export function visitListsController({ visitLists, visitSets, apiKeys }: VisitListsOptions) {
  return new Elysia({ name: 'visit-lists', prefix: '/rest/v3' })
    .get(
      '/short-urls/:shortCode/visits',
      ({ request, params }) =>
        list(request, ({ domain }, apiKey) => visitSets.ofShortUrl(params.shortCode, domain, apiKey)),
      {
        detail: docs.visitOperation('getShortUrlVisits', 'List visits of a short URL', {
          parameters: [docs.SHORT_CODE, docs.DOMAIN_OF_SHORT_URL, ...docs.LIST_PARAMETERS],
          responses: LIST,
          refusals: { 400: docs.INVALID_PARAMETERS, 404: 'There is no such short URL, or not for this API key.' },
        }),
      },
    )
    .get(
      '/tags/:tag/visits',
      ({ request, params }) => list(request, ({ domain }, apiKey) => visitSets.ofTag(params.tag, domain, apiKey)),
      {
        detail: docs.visitOperation('getTagVisits', 'List visits of the short URLs that have a tag', {
          parameters: [docs.TAG, docs.DOMAIN, ...docs.LIST_PARAMETERS],
          responses: LIST,
          refusals: { 400: docs.INVALID_PARAMETERS, 404: 'There is no such tag, or not for this API key.' },
        }),
      },
    )
    .get(
      '/domains/:domain/visits',
      ({ request, params }) => list(request, (_, apiKey) => visitSets.ofDomain(params.domain, apiKey)),
      {
        detail: docs.visitOperation('getDomainVisits', 'List visits of the short URLs of a domain', {
          parameters: [docs.DOMAIN_NAME, ...docs.LIST_PARAMETERS],
          responses: LIST,
          refusals: { 400: docs.INVALID_PARAMETERS, 404: 'There is no such domain, or not for this API key.' },
        }),
      },
    )
    .get(
      '/visits/orphan',
      ({ request }) => list(request, ({ kind, domain }, apiKey) => visitSets.orphans(kind, domain, apiKey)),
      {
        detail: docs.visitOperation('getOrphanVisits', 'List visits that met no short URL', {
          parameters: [docs.ORPHAN_TYPE, docs.DOMAIN, ...docs.LIST_PARAMETERS],
          responses: { 200: json('A page of the list.', OrphanVisitList) },
          refusals: { 400: docs.INVALID_PARAMETERS },
        }),
      },
    )
    .get(
      '/visits/non-orphan',
      ({ request }) => list(request, ({ domain }, apiKey) => visitSets.nonOrphan(domain, apiKey)),
      {
        detail: docs.visitOperation('getNonOrphanVisits', 'List visits of all short URLs', {
          parameters: [docs.DOMAIN, ...docs.LIST_PARAMETERS],
          responses: LIST,
          refusals: { 400: docs.INVALID_PARAMETERS },
        }),
      },
    );

  async function list(request: Request, find: (asked: VisitListRequest, apiKey: ApiKey) => Promise<VisitSet>) {
    const apiKey = await apiKeys.authenticate(request.headers.get('x-api-key'));
    const asked = readVisitListRequest(request.url);
    const set = await find(asked, apiKey);
    const { visits, totalItems } = await visitLists.page(set, asked.filter, asked.paging);
    return {
      visits: { data: visits.map(visitAnswer), pagination: paginationOf(asked.paging, visits.length, totalItems) },
    };
  }
}
