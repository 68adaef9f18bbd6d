import type { Database } from '../db/database.ts';
import { DEFAULT_DOMAIN_ID } from '../redirect/key.ts';
import { crawlableCodes } from './store.ts';

export interface RobotsOptions {
  readonly database: Pick<Database, 'run'>;
  /** Product tokens of the crawlers that are addressed; `*` is all of them. */
  readonly userAgents: readonly string[];
  readonly allowsAll: boolean;
  /** Codes read by a statement; default 5,000. */
  readonly pageSize?: number;
}

const PAGE_SIZE = 5_000;

/** robots.txt (RFC 9309) of a domain, piece by piece: it may name a million short URLs. Errors: `database-unavailable`. */
export async function* robotsText(options: RobotsOptions, domainId: number): AsyncGenerator<string, void> {
  const head = options.userAgents.map((userAgent) => `User-agent: ${userAgent}\n`).join('');
  // The API is nothing to be found by searching.
  if (options.allowsAll) return yield `${head}Disallow: /rest/\n`;
  let lines = head;
  for await (const codes of pages(options, domainId)) {
    yield lines + codes.map(allow).join('');
    lines = '';
  }
  yield `${lines}Disallow: /\n`;
}

async function* pages({ database, pageSize = PAGE_SIZE }: RobotsOptions, asDomainId: number) {
  for (const domainId of new Set([asDomainId, DEFAULT_DOMAIN_ID])) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const codes: string[] = await crawlableCodes(database, { domainId, asDomainId }, after, pageSize);
      if (codes.length > 0) yield codes;
      after = codes.length === pageSize ? codes.at(-1) : undefined;
    }
  }
}

/** `*` and `$` have a meaning of their own there (RFC 9309, 2.2.3). */
function allow(code: string): string {
  return `Allow: /${encodeURIComponent(code).replaceAll('*', '%2A').replaceAll('%2F', '/')}\n`;
}
