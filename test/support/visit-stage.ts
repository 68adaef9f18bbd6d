import type { ClassifiedVisit } from '../../src/visits/classified-visit.ts';
import { startApp, type TestApp } from './app.ts';
import { createKey, type RestClient, restClient } from './rest.ts';
import { storeVisits, visit } from './stored-visits.ts';

/** What the tests of visits work with: three short URLs of two domains, and a key of each role. */
export interface VisitStage extends AsyncDisposable {
  readonly app: TestApp;
  readonly admin: RestClient;
  /** Made `two`. */
  readonly author: RestClient;
  /** Sees other.test, and there `three`. */
  readonly ofDomain: RestClient;
  readonly noOrphans: RestClient;
  readonly domainId: number;
  /** Records visits of a short URL. */
  visit(shortCode: string, ...visits: readonly Partial<ClassifiedVisit>[]): Promise<void>;
  visitOrphan(...visits: readonly Partial<ClassifiedVisit>[]): Promise<void>;
}

export async function startVisitStage(): Promise<VisitStage> {
  const app = await startApp({ DEFAULT_DOMAIN: 's.test' });
  const domainId = await app.addDomain('other.test');
  const clientOf = async (role?: Parameters<typeof createKey>[1]) => restClient(app, await createKey(app, role));
  const [admin, author, ofDomain, noOrphans] = [
    await clientOf(),
    await clientOf([{ role: 'AUTHORED_SHORT_URLS' }]),
    await clientOf([{ role: 'DOMAIN_SPECIFIC', domainId }]),
    await clientOf([{ role: 'NO_ORPHAN_VISITS' }]),
  ];
  const longUrl = 'https://example.com/';
  await admin('POST', '/short-urls', { longUrl, customSlug: 'one', tags: ['both', 'first'] });
  await author('POST', '/short-urls', { longUrl, customSlug: 'two', tags: ['both'] });
  await admin('POST', '/short-urls', { longUrl, customSlug: 'three', domain: 'other.test', tags: ['third'] });
  const record = (visits: readonly ClassifiedVisit[]) => storeVisits(app.services.database, visits);
  return {
    app,
    admin,
    author,
    ofDomain,
    noOrphans,
    domainId,
    async visit(shortCode, ...visits) {
      const [row] = await app.sql<{ domainId: number; shortUrlId: number }[]>`
        select domain_id::int as "domainId", short_url_id::int as "shortUrlId" from short_urls
        where short_code = ${shortCode}`;
      await record(visits.map((fields) => visit({ kind: 'short_url', shortCode, ...row, ...fields })));
    },
    visitOrphan: (...visits) => record(visits.map(visit)),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}
