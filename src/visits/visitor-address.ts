import ipaddr from 'ipaddr.js';

export type Address = ReturnType<typeof ipaddr.process>;
type Network = [Address, number];

/** Which peers may say who the visitor is. */
export interface TrustedProxies {
  has(address: Address): boolean;
  /** Whether this text is the address of one. */
  trusts(peer: string): boolean;
}

export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const parsed = networks.map((network): Network => ipaddr.parseCIDR(network));
  const has = (address: Address) =>
    parsed.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits] as never));
  return {
    has,
    trusts(peer) {
      const address = parse(peer);
      return address !== undefined && has(address);
    },
  };
}

/** The part of Headers that is needed. */
export interface HeaderSource {
  get(name: string): string | null;
}

/**
 * The visitor's address: the peer's, unless that is a trusted proxy, which may name another. Of a list of forwarded
 * addresses it is the last that is no trusted proxy itself: what stands before it, the visitor may have written.
 * `X-Forwarded-For` and `Forwarded` go first, because proxies append to them; a header that a proxy does not know it
 * passes on as the visitor wrote it.
 */
export function visitorAddress(
  peer: string | null,
  headers: HeaderSource,
  proxies: TrustedProxies,
): Address | undefined {
  const direct = peer === null ? undefined : parse(peer);
  // No address at all: a unix socket, behind which there is always a proxy.
  if (direct !== undefined && !proxies.has(direct)) return direct;
  const chain = forwardedFor(headers) ?? forwarded(headers) ?? single(headers) ?? [];
  return nearestStranger(chain, proxies) ?? direct;
}

/** IPv4 without its last byte, IPv6 to its first 48 bits: enough for the country, too little for a person. */
export function anonymise(address: Address): string {
  const bytes = address.toByteArray();
  bytes.fill(0, address.kind() === 'ipv4' ? 3 : 6);
  return ipaddr.fromByteArray(bytes).toString();
}

function parse(text: string): Address | undefined {
  // A port, an interface and brackets are no part of the address: `[2001:db8::1]:4711`, `1.2.3.4:80`, `fe80::1%eth0`.
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  const isAddress = ipaddr.IPv6.isValid(bare) || ipaddr.IPv4.isValidFourPartDecimal(bare);
  return isAddress ? ipaddr.process(bare) : undefined;
}

function forwardedFor(headers: HeaderSource): string[] | undefined {
  return headers.get('x-forwarded-for')?.split(',');
}

/** RFC 7239: `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`. */
function forwarded(headers: HeaderSource): string[] | undefined {
  const header = headers.get('forwarded');
  if (header === null) return undefined;
  return header.split(',').map((element) => /(?:^|;)\s*for="?([^";]*)"?/i.exec(element.trim())?.[1] ?? '');
}

const SINGLE_HEADERS = ['x-real-ip', 'cf-connecting-ip', 'true-client-ip'];

/** All headers that can name a visitor, the first that is there decides. */
export const FORWARDING_HEADERS: readonly string[] = ['x-forwarded-for', 'forwarded', ...SINGLE_HEADERS];

function single(headers: HeaderSource): string[] | undefined {
  const value = SINGLE_HEADERS.map((name) => headers.get(name)).find((found) => found !== null);
  return value === undefined || value === null ? undefined : [value];
}

/** From the right; what is no address ends the walk, since nothing before it can be believed. */
function nearestStranger(chain: readonly string[], proxies: TrustedProxies): Address | undefined {
  let last: Address | undefined;
  for (const text of chain.toReversed()) {
    const address = parse(text);
    if (address === undefined) return last;
    last = address;
    if (!proxies.has(address)) return address;
  }
  return last;
}
