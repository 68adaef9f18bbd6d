import { expect, test } from 'bun:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { parseAddress, parseAddressPattern } from '../../src/redirect/address-pattern.ts';
import { anonymise, FORWARDING_HEADERS, trustedProxies, visitorAddress } from '../../src/visits/visitor-address.ts';
import { anyText, holds } from '../support/property.ts';

const PROXIES = trustedProxies(['10.0.0.0/8', '2001:db8:ffff::/48']);
const trusted = fc.oneof(
  fc.ipV4().map((address) => address.replace(/^\d+/, '10')),
  fc.nat(0xffff).map((last) => `2001:db8:ffff::${last.toString(16)}`),
);
const stranger = fc.oneof(fc.ipV4(), fc.ipV6()).filter((address) => !PROXIES.trusts(address));
const hop = fc.oneof(trusted, stranger);

/** An address as proxies write it: with a port, in brackets, as IPv4 in IPv6. */
const written = fc.tuple(hop, fc.constantFrom('bare', 'port', 'mapped')).map(([address, form]) => {
  const isV4 = !address.includes(':');
  if (form === 'bare') return { address, text: address };
  if (form === 'mapped' && isV4) return { address, text: `::ffff:${address}` };
  return { address, text: isV4 ? `${address}:4711` : `[${address}]:4711` };
});

const chain = fc.array(written, { minLength: 1, maxLength: 5 });
type Chain = readonly { readonly address: string; readonly text: string }[];

const BY_HEADER = {
  'x-forwarded-for': (hops: Chain) => hops.map(({ text }) => text).join(', '),
  forwarded: (hops: Chain) => hops.map(({ text }) => `proto=https;For="${text}"`).join(','),
} as const;

function asked(peer: string | null, sent: Readonly<Record<string, string>>): string | undefined {
  return visitorAddress(peer, { get: (name) => sent[name] ?? null }, PROXIES)?.toString();
}

function same(address: string | undefined): string | undefined {
  return address === undefined ? undefined : ipaddr.process(address).toString();
}

test('behind trusted proxies, the visitor is the last address that none of them has', () => {
  holds(fc.constantFrom('x-forwarded-for' as const, 'forwarded' as const), trusted, chain, (name, peer, hops) => {
    const last = hops.findLast(({ address }) => !PROXIES.trusts(address)) ?? hops[0];
    expect(asked(peer, { [name]: BY_HEADER[name](hops) })).toBe(same(last?.address));
    expect(asked(null, { [name]: BY_HEADER[name](hops) })).toBe(same(last?.address));
  });
});

test('what a visitor writes in front of what the proxies append changes nothing', () => {
  holds(
    anyText.filter((text) => !/["\\]/.test(text)),
    trusted,
    stranger,
    (forged, peer, visitor) => {
      expect(asked(peer, { 'x-forwarded-for': `${forged}, ${visitor}` })).toBe(same(visitor));
      expect(asked(peer, { forwarded: `for=${forged}, for="[${visitor}]"` })).toBe(same(visitor));
    },
  );
});

test('whoever is no trusted proxy cannot name another, by any header', () => {
  const headers = fc.dictionary(
    fc.constantFrom(...FORWARDING_HEADERS),
    fc.oneof(anyText, chain.map(BY_HEADER.forwarded)),
  );
  holds(stranger, headers, (peer, sent) => {
    expect(asked(peer, sent)).toBe(same(peer));
  });
});

test('of any header there comes an address or none, and never an error', () => {
  holds(fc.dictionary(fc.constantFrom(...FORWARDING_HEADERS), anyText), fc.option(trusted), (sent, peer) => {
    const address = asked(peer, sent);
    if (address !== undefined) expect(ipaddr.isValid(address)).toBe(true);
    else expect(peer).toBeNull();
  });
});

test('a shortened address has lost its last byte, or all but 48 bits', () => {
  holds(hop, (text) => {
    const address = ipaddr.process(text);
    const kept = address.kind() === 'ipv4' ? 24 : 48;
    const shortened = ipaddr.parse(anonymise(address));
    expect(address.match([shortened, kept] as never)).toBe(true);
    expect(
      shortened
        .toByteArray()
        .slice(kept / 8)
        .every((byte) => byte === 0),
    ).toBe(true);
  });
});

test('a pattern means exactly the addresses in its network', () => {
  holds(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (network, bits, text) => {
    const [a, b] = [network, text].map((each) =>
      Number.parseInt(Buffer.from(each.split('.').map(Number)).toString('hex'), 16),
    );
    const isSame = bits === 0 || Number(a) >>> (32 - bits) === Number(b) >>> (32 - bits);
    expect(parseAddressPattern(`${network}/${bits}`)?.(ipaddr.process(text))).toBe(isSame);
  });
});

test('a pattern with wildcards means the addresses that fit it as text', () => {
  const octet = fc.oneof(fc.constant('*'), fc.integer({ min: 0, max: 3 }).map(String));
  const octets = fc.tuple(octet, octet, octet, octet);
  holds(octets, fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)), (pattern, address) => {
    const fits = pattern.every((part, at) => part === '*' || Number(part) === address[at]);
    expect(parseAddressPattern(pattern.join('.'))?.(ipaddr.process(address.join('.')))).toBe(fits);
  });
});

/** Of an interface of this machine: it means nothing to anybody else. */
const zoned = fc.constantFrom('fe80::1%eth0', '1.2.3.4%eth0', 'fe80::1%25eth0');

test('any other text is no pattern and no address, and never an error', () => {
  const anyPattern = fc.oneof(
    anyText,
    zoned,
    fc.tuple(fc.ipV6(), fc.integer()).map((parts) => parts.join('/')),
  );
  holds(anyPattern, stranger, (text, visitor) => {
    const isMeant = parseAddressPattern(text)?.(ipaddr.process(visitor));
    expect([undefined, true, false]).toContain(isMeant);
    const address = parseAddress(text);
    if (address)
      expect([text.includes('%'), parseAddress(address.toString())?.toString()]).toEqual([false, address.toString()]);
  });
});
