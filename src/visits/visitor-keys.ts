import { Generations } from '../lib/generations.ts';
import { type Address, type TrustedProxies, trustedProxies, visitorAddress } from './visitor-address.ts';
import type { PeerOf } from './visitors.ts';

/** An IPv6 network is what one subscriber has, and can walk through. */
const IPV6_NETWORK_BYTES = 8;

/** Addresses of this machine and of private networks. */
const PRIVATE = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/** Parsing the addresses of a request costs 5 µs, finding them by their texts 0.3. */
const MAX_KNOWN = 10_000;
const MAX_TEXT_LENGTH = 200;

/** What rate limits know visitors by. */
export class VisitorKeys {
  readonly #peerOf: PeerOf;
  readonly #proxies: TrustedProxies;
  readonly #known = new Generations<{ readonly key: string | undefined }>(MAX_KNOWN);

  constructor(networks: readonly string[], peerOf: PeerOf) {
    this.#proxies = trustedProxies(networks);
    this.#peerOf = peerOf;
  }

  /**
   * None for a private address: that is somebody of the house, or a proxy that TRUSTED_PROXIES does not name, whose
   * visitors would all be refused for what one of them does.
   */
  of(request: Request): string | undefined {
    const peer = this.#peerOf(request) ?? null;
    const find = () => ({ key: keyOf(visitorAddress(peer, request.headers, this.#proxies)) });
    const forwarded = request.headers.get('x-forwarded-for');
    const text = `${peer} ${forwarded}`;
    // Without this header another one may name the visitor.
    if (forwarded === null || text.length > MAX_TEXT_LENGTH) return find().key;
    return this.#known.get(text, find).key;
  }
}

function keyOf(address: Address | undefined): string | undefined {
  if (address === undefined || PRIVATE.has(address.range())) return undefined;
  if (address.kind() === 'ipv4') return address.toString();
  return Buffer.from(address.toByteArray().slice(0, IPV6_NETWORK_BYTES)).toString('hex');
}
