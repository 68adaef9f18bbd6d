import type { Role } from '../src/api-keys/api-key.ts';

export interface ListQuery {
  /** What is in parentheses is a remark. */
  readonly query: string;
  readonly roles?: readonly Role[];
}

const ORDERS = ['dateCreated', 'shortCode', 'longUrl', 'title', 'visits', 'nonBotVisits'];

/** Every order and every filter, frequent and rare values of them, late pages, and restricted keys. */
export const LIST_QUERIES: readonly ListQuery[] = [
  { query: '' },
  ...ORDERS.flatMap((order) => [{ query: `orderBy=${order}-ASC` }, { query: `orderBy=${order}-DESC` }]),
  { query: 'page=100' },
  { query: 'page=50000' },
  { query: 'page=99999' },
  { query: 'orderBy=shortCode&page=50000' },
  { query: 'orderBy=longUrl&page=50000' },
  { query: 'orderBy=title-DESC&page=50000' },
  { query: 'orderBy=visits-DESC&page=50001' },
  { query: 'itemsPerPage=1000' },
  { query: 'itemsPerPage=-1' },
  { query: 'tags[]=tag1' },
  { query: 'tags[]=tag500' },
  { query: 'tags[]=tag1&tags[]=tag3&tagsMode=all' },
  { query: 'tags[]=tag1&orderBy=visits-DESC' },
  { query: 'excludeTags[]=tag1' },
  { query: 'searchTerm=example' },
  { query: 'searchTerm=newsletter' },
  { query: 'searchTerm=-777777' },
  { query: 'searchTerm=nothing-like-this' },
  { query: 'searchTerm=zq' },
  { query: 'searchTerm=tag5' },
  { query: 'searchTerm=tag&tags[]=tag7' },
  { query: 'searchTerm=d3.example' },
  { query: 'searchTerm=hop.test' },
  { query: 'startDate=2026-06-01&endDate=2026-06-02' },
  { query: 'endDate=2026-01-02&orderBy=longUrl' },
  { query: 'excludeMaxVisitsReached=true&excludePastValidUntil=true' },
  { query: 'domain=DEFAULT' },
  { query: 'domain=d3.example' },
  { query: 'domain=d3.example&orderBy=title' },
  { query: 'apiKeyName=key2' },
  { query: 'apiKeyName=nobody' },
  { query: '(own short URLs only)', roles: [{ type: 'AUTHORED_SHORT_URLS' }] },
  { query: '(one domain only)', roles: [{ type: 'DOMAIN_SPECIFIC', domainId: 3, authority: 'd3.example' }] },
];
