import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { RestClient } from '../support/rest.ts';
import { startVisitStage, type VisitStage } from '../support/visit-stage.ts';

let stage: VisitStage;

const at = (time: string) => ({ timeMs: Date.parse(time) });

beforeEach(async () => {
  stage = await startVisitStage();
  await stage.visit('one', at('2026-03-28T10:00:00Z'), { ...at('2026-03-29T10:00:00Z'), isBot: true });
  await stage.visit('two', at('2026-03-28T10:00:00Z'));
  await stage.visitOrphan(at('2026-03-28T10:00:00Z'), at('2026-03-29T10:00:00Z'));
});
afterEach(() => stage[Symbol.asyncDispose]());

/** What lists, totals and statistics say of how many there are. */
async function counts(client: RestClient = stage.admin) {
  const get = async (path: string) => (await client('GET', path)).body;
  const range = 'startDate=2026-03-01&endDate=2026-03-31';
  const { nonOrphanVisits, orphanVisits } = (await get('/visits')).visits;
  return {
    one: (await get('/short-urls/one')).visitsSummary.total,
    listOfOne: (await get('/short-urls/one/visits')).visits.pagination.totalItems,
    statsOfOne: (await get(`/short-urls/one/stats?${range}`)).stats.visitsSummary.total,
    tag: (await get('/tags/both/visits')).visits.data.length,
    statsOfTag: (await get(`/tags/both/stats?${range}`)).stats.visitsSummary.total,
    domain: (await get('/domains/DEFAULT/visits')).visits.pagination.totalItems,
    all: nonOrphanVisits.total,
    listOfAll: (await get('/visits/non-orphan')).visits.data.length,
    orphans: orphanVisits.total,
    listOfOrphans: (await get('/visits/orphan')).visits.data.length,
    statsOfOrphans: (await get(`/visits/orphan/stats?${range}`)).stats.visitsSummary.total,
  };
}

const BEFORE = {
  ...{ one: 2, listOfOne: 2, statsOfOne: 2, tag: 3, statsOfTag: 3, domain: 3, all: 3, listOfAll: 3 },
  ...{ orphans: 2, listOfOrphans: 2, statsOfOrphans: 2 },
};
const WITHOUT_ONE = {
  ...BEFORE,
  ...{ one: 0, listOfOne: 0, statsOfOne: 0, tag: 1, statsOfTag: 1, domain: 1, all: 1, listOfAll: 1 },
};
const WITHOUT_ORPHANS = { ...BEFORE, orphans: 0, listOfOrphans: 0, statsOfOrphans: 0 };

test('visits of a short URL are gone from everywhere, those of others stay', async () => {
  expect(await counts()).toEqual(BEFORE);
  expect((await stage.admin('DELETE', '/short-urls/one/visits')).body).toEqual({ deletedVisits: 2 });
  expect(await counts()).toEqual(WITHOUT_ONE);
  expect((await stage.admin('DELETE', '/short-urls/one/visits')).body).toEqual({ deletedVisits: 0 });
});

test('orphan visits are gone from everywhere', async () => {
  expect((await stage.author('DELETE', '/visits/orphan')).body).toEqual({ deletedVisits: 2 });
  expect(await counts()).toEqual(WITHOUT_ORPHANS);
});

test('a key that may not see visits deletes none', async () => {
  expect(await stage.noOrphans('DELETE', '/visits/orphan')).toMatchObject({ status: 200, body: { deletedVisits: 0 } });
  for (const client of [stage.author, stage.ofDomain])
    expect((await client('DELETE', '/short-urls/one/visits')).body).toMatchObject({ status: 404, shortCode: 'one' });
  expect((await stage.admin('DELETE', '/short-urls/one/visits?domain=other.test')).status).toBe(404);
  expect((await stage.app.request('/rest/v3/visits/orphan', { method: 'DELETE' })).status).toBe(401);
  expect(await counts()).toEqual(BEFORE);
});

test('a short URL goes on counting after that', async () => {
  await stage.admin('DELETE', '/short-urls/one/visits');
  await stage.visit('one', at('2026-03-29T11:00:00Z'));
  expect(await counts()).toMatchObject({ one: 1, listOfOne: 1, statsOfOne: 1, tag: 2, statsOfTag: 2, all: 2 });
});
