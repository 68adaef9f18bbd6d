import type { Database } from '../../src/db/database.ts';
import type { ClassifiedVisit } from '../../src/visits/classified-visit.ts';
import { createVisitStore } from '../../src/visits/store.ts';

/** A visit of a person who is not known, at the base URL of the default domain, unless something else is said. */
export function visit(fields: Partial<ClassifiedVisit> = {}): ClassifiedVisit {
  return {
    kind: 'base_url',
    domainId: 0,
    shortCode: '',
    shortUrlId: 0,
    timeMs: Date.parse('2026-11-01T12:00:00Z'),
    referrer: '',
    userAgent: '',
    address: '',
    visitedUrl: '',
    redirectUrl: '',
    isBot: false,
    device: '',
    browser: '',
    os: '',
    referrerHost: '',
    location: null,
    ...fields,
  };
}

/** Stores visits as the recorder does, with everything that is counted of them. */
export async function storeVisits(database: Database, visits: readonly ClassifiedVisit[]): Promise<void> {
  const store = createVisitStore(database);
  const journalId = crypto.randomUUID();
  await store.lastSequences([journalId]);
  const counted = { firstSequence: 1, lastSequence: 1, rejected: [], dropped: 0, droppedOrphans: 0 };
  if (!(await store.apply({ journalId, visits, ...counted }))) throw new Error('the visits were not stored');
}
