import { expect, test } from 'bun:test';
import { startApp } from '../support/app.ts';

const PER_SECOND = 20;
const SCANNED = 1_000;
const REAL = 200;

test('a scan of random codes keeps within the budget of orphan visits and displaces no other visit', async () => {
  await using app = await startApp({ ORPHAN_VISITS_PER_SECOND: String(PER_SECOND) });
  const path = await app.create();
  const begunAtMs = performance.now();
  const codes = Array.from({ length: SCANNED }, (_, i) => `/scanned${i}`);
  const scanners = Array.from({ length: 20 }, async (_, i) => {
    for (let at = i; at < SCANNED; at += 20) await app.request(codes[at] ?? '');
  });
  const visitor = async () => {
    for (let i = 0; i < REAL; i++) expect((await app.request(path)).status).toBe(302);
  };
  await Promise.all([...scanners, visitor()]);
  const seconds = (performance.now() - begunAtMs) / 1000;

  const { visits, dropped, droppedOrphans } = app.journaled();
  const orphans = visits.filter(({ kind }) => kind === 'invalid_short_url').length;
  expect(visits.length - orphans).toBe(REAL);
  expect(dropped).toBe(0);
  expect(orphans).toBeWithin(1, PER_SECOND * (Math.ceil(seconds) + 1) + 1);
  expect(orphans + droppedOrphans).toBe(SCANNED);
});
