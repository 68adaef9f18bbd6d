import { afterAll, beforeAll, describe, expect, setSystemTime, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const MINUTE_MS = 60_000;

/** The statuses for a visitor at each of these moments, from memory; the clock is set back afterwards. */
async function statusesAt(path: string, moments: readonly Date[]): Promise<number[]> {
  await app.request(path);
  const statuses: number[] = [];
  try {
    for (const moment of moments) {
      setSystemTime(moment);
      statuses.push((await app.request(path)).status);
    }
  } finally {
    setSystemTime();
  }
  return statuses;
}

function around(moment: Date): Date[] {
  return [-1, 0, 1].map((ms) => new Date(moment.getTime() + ms));
}

describe('a short URL', () => {
  test('redirects from validSince on, to the millisecond', async () => {
    const validSince = new Date(Date.now() + MINUTE_MS);
    expect(await statusesAt(await app.create({ validSince }), around(validSince))).toEqual([404, 302, 302]);
  });

  test('redirects up to validUntil, that moment included', async () => {
    const validUntil = new Date(Date.now() + MINUTE_MS);
    expect(await statusesAt(await app.create({ validUntil }), around(validUntil))).toEqual([302, 302, 404]);
  });

  test('redirects between both', async () => {
    const [validSince, validUntil] = [new Date(Date.now() - MINUTE_MS), new Date(Date.now() + MINUTE_MS)];
    expect((await app.request(await app.create({ validSince, validUntil }))).status).toBe(302);
  });

  test('with dates that exclude each other never redirects', async () => {
    const [validSince, validUntil] = [new Date(Date.now() + MINUTE_MS), new Date(Date.now() - MINUTE_MS)];
    expect((await app.request(await app.create({ validSince, validUntil }))).status).toBe(404);
  });

  test('begins and ends by itself, though it is cached', async () => {
    const path = await app.create({
      validSince: new Date(Date.now() + 150),
      validUntil: new Date(Date.now() + 400),
    });
    const statuses = new Set<number>();
    for (const end = Date.now() + 500; Date.now() < end; ) statuses.add((await app.request(path)).status);
    expect([...statuses]).toEqual([404, 302]);
    expect((await app.request(path)).status).toBe(404);
  });

  test.each(['GET', 'HEAD'])('that is over is not told from one that never was (%s)', async (method) => {
    const over = await app.request(await app.create({ validUntil: new Date(0) }), { method });
    const never = await app.request('/never-was', { method });
    expect(await over.text()).toBe(await never.text());
    const withoutDate = ({ headers }: Response) => [...headers].filter(([name]) => name !== 'date');
    expect(withoutDate(over)).toEqual(withoutDate(never));
  });
});
