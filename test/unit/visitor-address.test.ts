import { describe, expect, test } from 'bun:test';
import ipaddr from 'ipaddr.js';
import { anonymise, trustedProxies, visitorAddress } from '../../src/visits/visitor-address.ts';

const proxies = trustedProxies(['127.0.0.0/8', '::1/128', '10.0.0.0/8']);

function from(peer: string | null, headers: Record<string, string> = {}): string | undefined {
  return visitorAddress(peer, new Headers(headers), proxies)?.toString();
}

describe('the visitor is', () => {
  test('the peer, whatever it says, unless it is a trusted proxy', () => {
    expect(from('192.0.2.7', { 'x-forwarded-for': '198.51.100.1', 'x-real-ip': '198.51.100.2' })).toBe('192.0.2.7');
    expect(from('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });

  test.each<[string, Record<string, string>, string]>([
    ['the last stranger of the list', { 'x-forwarded-for': '203.0.113.9, 198.51.100.1, 10.0.0.5' }, '198.51.100.1'],
    ['the first of a list of proxies', { 'x-forwarded-for': '10.0.0.9, 10.0.0.5' }, '10.0.0.9'],
    ['an address with a port', { 'x-forwarded-for': '198.51.100.1:4711' }, '198.51.100.1'],
    ['an IPv6 address in brackets', { 'x-forwarded-for': '[2001:db8::7]:4711' }, '2001:db8::7'],
    [
      'what RFC 7239 says',
      { forwarded: 'for=203.0.113.9;proto=https, For="[2001:db8::7]:80";by=10.0.0.1' },
      '2001:db8::7',
    ],
    ['the single address of a header', { 'x-real-ip': '198.51.100.1' }, '198.51.100.1'],
    ['not what stands before nonsense', { 'x-forwarded-for': '203.0.113.9, unknown, 10.0.0.5' }, '10.0.0.5'],
    ['the proxy, when the list is nonsense', { 'x-forwarded-for': '<script>' }, '127.0.0.1'],
    [
      'the appended list rather than a header that is passed on',
      { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '198.51.100.1' },
      '198.51.100.1',
    ],
  ])('%s, behind a trusted proxy', (_name, headers, expected) => {
    expect(from('127.0.0.1', headers)).toBe(expected);
  });

  test('named by the proxy behind a unix socket, else unknown', () => {
    expect(from(null, { 'x-forwarded-for': '198.51.100.1' })).toBe('198.51.100.1');
    expect(from(null)).toBeUndefined();
  });
});

test('an anonymous address keeps 24 bits of IPv4 and 48 of IPv6', () => {
  expect(anonymise(ipaddr.process('198.51.100.77'))).toBe('198.51.100.0');
  expect(anonymise(ipaddr.process('2001:db8:1:2:3:4:5:6'))).toBe('2001:db8:1::');
});
