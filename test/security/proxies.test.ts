import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { getFrom } from '../support/visitor.ts';

/** Trusts 127.0.0.1 and what is in front of it; 127.0.0.2 is anybody. */
const TRUSTED = '127.0.0.1';
const ANYBODY = '127.0.0.2';
const HEADERS = ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'CF-Connecting-IP', 'True-Client-IP'] as const;
type Header = (typeof HEADERS)[number];

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8,2001:db8:1::/48', ANONYMIZE_REMOTE_ADDR: 'false' });
  await app.create({ customSlug: 'abc' });
});
afterAll(() => app.stop());

/** Each hop as the header has it. */
function write(header: Header, hops: readonly string[]): string {
  const quoted = (hop: string) => (hop.includes(':') && !hop.startsWith('[') ? `"[${hop}]"` : hop);
  return hops.map((hop) => (header === 'Forwarded' ? `for=${quoted(hop)};proto=https` : hop)).join(', ');
}

/** The address that is recorded of a visit. */
async function recorded(peer: string, headers: Record<string, string>): Promise<string | undefined> {
  const before = app.visits().length;
  await getFrom(peer, `${app.url}/abc`, headers);
  const visits = app.visits();
  expect(visits.length).toBe(before + 1);
  return visits.at(-1)?.address;
}

/** What proxies may have put together, and who the visitor is when 127.0.0.1 says so. */
const CHAINS: readonly (readonly [hops: readonly string[], visitor: string])[] = [
  [['203.0.113.7'], '203.0.113.7'],
  [['2001:db8::7'], '2001:db8::7'],
  [['203.0.113.7', '10.0.0.9'], '203.0.113.7'],
  [['198.51.100.1', '203.0.113.7', '10.0.0.9', '10.1.2.3'], '203.0.113.7'],
  [['10.0.0.8', '10.0.0.9'], '10.0.0.8'],
  [['198.51.100.1', '2001:db8::7', '2001:db8:1::1'], '2001:db8::7'],
  [['198.51.100.1', 'unknown'], '127.0.0.1'],
  [['198.51.100.1', 'unknown', '10.0.0.9'], '10.0.0.9'],
  [['198.51.100.1', "';drop table visits"], '127.0.0.1'],
];

test('a trusted proxy names the visitor: the last address that is none of a trusted proxy', async () => {
  for (const header of HEADERS) {
    for (const [hops, visitor] of CHAINS) {
      const isList = header === 'X-Forwarded-For' || header === 'Forwarded';
      const [hop = ''] = hops;
      const isOne = hops.length === 1;
      // A header for one address that has several in it has none.
      const expected = isList || isOne ? visitor : TRUSTED;
      const address = await recorded(TRUSTED, {
        [header]: isList ? write(header, hops) : isOne ? hop : hops.join(', '),
      });
      expect({ header, hops, address }).toEqual({ header, hops, address: expected });
    }
  }
});

test('anybody else is who they are, whatever they write', async () => {
  for (const header of HEADERS) {
    for (const [hops] of CHAINS) {
      const address = await recorded(ANYBODY, { [header]: write(header, hops) });
      expect({ header, hops, address }).toEqual({ header, hops, address: ANYBODY });
    }
  }
  const all = Object.fromEntries(HEADERS.map((header) => [header, write(header, ['203.0.113.7'])]));
  expect(await recorded(ANYBODY, all)).toBe(ANYBODY);
});

test('the header that proxies append to decides before those that a visitor could have sent through them', async () => {
  for (const [at, header] of HEADERS.entries()) {
    const forged = Object.fromEntries(HEADERS.slice(at + 1).map((other) => [other, write(other, ['198.51.100.1'])]));
    const address = await recorded(TRUSTED, { ...forged, [header]: write(header, ['203.0.113.7']) });
    expect({ header, address }).toEqual({ header, address: '203.0.113.7' });
  }
});

test('limits know the visitor by the same words', async () => {
  const limited = await startApp(
    { RATE_LIMIT_UNKNOWN_CODES: '1', TRUSTED_PROXIES: '127.0.0.1' },
    { database: app.database },
  );
  const statusOf = async (peer: string, visitor: string) =>
    /"status":(\d+)/.exec(
      await getFrom(peer, `${limited.url}/none-${Math.random()}`, { 'X-Forwarded-For': visitor }),
    )?.[1];
  try {
    expect([await statusOf(TRUSTED, '203.0.113.1'), await statusOf(TRUSTED, '203.0.113.1')]).toEqual(['404', '429']);
    expect(await statusOf(TRUSTED, '203.0.113.2')).toBe('404');
  } finally {
    await limited.stop();
  }
});
