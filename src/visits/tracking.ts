import ipaddr from 'ipaddr.js';
import type { Address } from './visitor-address.ts';

/** What is not to be recorded of visits, and which visits not at all. */
export interface TrackingSettings {
  readonly tracksAddress: boolean;
  readonly tracksReferrer: boolean;
  readonly tracksUserAgent: boolean;
  readonly tracksOrphans: boolean;
  /** Whether addresses are shortened before they are written. */
  readonly anonymises: boolean;
  /** Name of the query parameter whose presence makes a visit untracked. */
  readonly optOutParameter: string | undefined;
  /** Addresses whose visits are not tracked: CIDR ranges, or IPv4 with `*` for some of its numbers. */
  readonly excluded: readonly string[];
  /** CIDR ranges of the proxies that may name the visitor. */
  readonly trustedProxies: readonly string[];
  /** Scheme of the visited URLs: behind a proxy a request does not show it. */
  readonly isHttps: boolean;
}

/** Whether the visitor has asked not to be tracked, by the URL. */
export type OptOut = (url: string) => boolean;

/** As PHP does it in Shlink: the parameter's presence is enough, `?nostat`, `?nostat=` and `?a=b&nostat=1` alike. */
export function optOut(parameter: string | undefined): OptOut {
  if (parameter === undefined) return () => false;
  return (url) => {
    const queryAt = url.indexOf('?');
    return queryAt !== -1 && new URLSearchParams(url.slice(queryAt + 1)).has(parameter);
  };
}

export type Excludes = (address: Address) => boolean;

export function excludes(patterns: readonly string[]): Excludes {
  const tests = patterns.map((pattern) => (pattern.includes('*') ? wildcard(pattern) : network(pattern)));
  return (address) => tests.some((test) => test(address));
}

function network(cidr: string): Excludes {
  const [base, bits] = ipaddr.parseCIDR(cidr);
  return (address) => address.kind() === base.kind() && address.match([base, bits] as never);
}

/** `11.22.*.*` or `11.*.33.44`. */
function wildcard(pattern: string): Excludes {
  const numbers = pattern.split('.').map((part) => (part === '*' ? undefined : Number(part)));
  return (address) =>
    address.kind() === 'ipv4' &&
    address.toByteArray().every((byte, index) => numbers[index] === undefined || numbers[index] === byte);
}
