import { type Paging, readPaging } from '../../http/paging.ts';
import { QueryParams } from '../../http/query-params.ts';
import { ORPHAN_KINDS, type OrphanKind } from './visit.ts';

/** What of a set of visits is asked for. */
export interface VisitFilter {
  readonly range: TimeRange;
  readonly excludeBots: boolean;
}

/** From a moment on, and before another one. */
export interface TimeRange {
  readonly from: Date | null;
  readonly to: Date | null;
}

export interface VisitListRequest {
  readonly filter: VisitFilter;
  readonly paging: Paging;
  /** An authority as it was given, or `DEFAULT`. */
  readonly domain: string | undefined;
  readonly kind: OrphanKind | undefined;
}

/** The query of a request for a list of visits. Errors: `invalid-data`, naming parameters in the documents' order. */
export function readVisitListRequest(url: string): VisitListRequest {
  const params = new QueryParams(url);
  const range = readRange(params);
  const paging = readPaging(params, 'all');
  const excludeBots = params.boolean('excludeBots') ?? false;
  const kind = params.oneOf('type', ORPHAN_KINDS);
  const domain = params.text('domain');
  params.finish();
  return { filter: { range, excludeBots }, paging, domain, kind };
}

/** `startDate` and `endDate`. */
export function readRange(params: QueryParams): TimeRange {
  const from = params.date('startDate') ?? null;
  const endDate = params.date('endDate');
  return { from, to: endDate ? secondAfter(endDate) : null };
}

/** Visits are answered to the second, so a visit of the last second asked for belongs to the answer. */
function secondAfter(date: Date): Date | null {
  const after = new Date(date.getTime() + 1_000);
  // PostgreSQL reads no year of five digits as JavaScript writes it; until then it is as good as no end.
  return after.getUTCFullYear() > 9_999 ? null : after;
}
