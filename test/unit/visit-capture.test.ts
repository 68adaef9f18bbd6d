import { describe, expect, test } from 'bun:test';
import { createLogger } from '../../src/observability/log.ts';
import type { Link } from '../../src/redirect/link.ts';
import { type CaptureOptions, VisitCapture } from '../../src/visits/capture.ts';
import { decodeVisit } from '../../src/visits/record.ts';
import type { TrackingSettings } from '../../src/visits/tracking.ts';

const SETTINGS: TrackingSettings = {
  tracksAddress: true,
  tracksReferrer: true,
  tracksUserAgent: true,
  tracksOrphans: true,
  anonymises: true,
  optOutParameter: undefined,
  excluded: [],
  trustedProxies: ['10.0.0.0/8'],
  isHttps: true,
};
const LINK = { domainId: 3, shortCode: 'abc', shortUrlId: 4 } as Link;
const DOMAIN = { domainId: 3, baseUrl: null, regular404: null, invalidShortUrl: null };

interface Recording extends Partial<Omit<CaptureOptions, 'settings'>> {
  readonly settings?: Partial<TrackingSettings>;
}

function record({ settings, ...options }: Recording = {}) {
  const records: string[] = [];
  const errors: string[] = [];
  const capture = new VisitCapture({
    settings: { ...SETTINGS, ...settings },
    peerOf: () => '192.0.2.1',
    journal: { append: (text) => records.push(text) },
    log: createLogger('error', (line) => errors.push(line)),
    ...options,
  });
  return { capture, errors, visits: () => records.map(decodeVisit) };
}

function request(headers: Record<string, string> = {}, url = 'http://go.test/abc'): Request {
  return new Request(url, { headers });
}

describe('a failure while recording', () => {
  const failing = {
    'of the journal': { journal: { append: fail } },
    'of the connection': { peerOf: fail },
  };
  test.each(Object.entries(failing))('%s is counted, said once, and thrown never', (_name, options) => {
    const { capture, errors } = record(options);
    for (let i = 0; i < 3; i++) {
      capture.ofShortUrl(request(), LINK, 'https://example.com/');
      capture.orphan(request(), DOMAIN, 'baseUrl');
    }
    expect(capture.failures).toBe(6);
    expect(errors).toHaveLength(1);
  });
});

describe('the address', () => {
  const addressOf = (peerOf: CaptureOptions['peerOf'], headers = {}, settings = {}) => {
    const { capture, visits } = record({ peerOf, settings });
    capture.ofShortUrl(request(headers), LINK, '');
    return visits()[0]?.address;
  };

  test('behind a unix socket is what the proxy says, if it says one', () => {
    expect(addressOf(() => null, { 'x-forwarded-for': '198.51.100.77' })).toBe('198.51.100.0');
    expect(addressOf(() => null)).toBe('');
  });

  test('is empty where the connection cannot be told, whatever the headers say', () => {
    expect(addressOf(() => undefined, { 'x-forwarded-for': '198.51.100.77' })).toBe('');
  });

  test('is not even asked for when nobody needs it', () => {
    expect(addressOf(fail, {}, { tracksAddress: false })).toBe('');
  });

  test('stays right when more visitors come than are remembered', () => {
    let peer = '';
    const { capture, visits } = record({ peerOf: () => peer, settings: { trustedProxies: ['10.0.0.1/32'] } });
    for (let i = 0; i < 10_500; i++) {
      peer = `192.0.${i >> 8}.${i & 255}`;
      capture.ofShortUrl(request(), LINK, '');
      peer = '10.0.0.1';
      capture.ofShortUrl(request({ 'x-forwarded-for': `198.51.${i >> 8}.${i & 255}` }), LINK, '');
    }
    const addresses = visits().map((visit) => visit?.address);
    expect(addresses.slice(-2)).toEqual(['192.0.41.0', '198.51.41.0']);
    expect(new Set(addresses).size).toBe(2 * 42);
  });
});

function fail(): never {
  throw new Error('broken');
}
