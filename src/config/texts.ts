import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

// Each parser returns the text in the form that the program uses, or undefined when it is not of its kind.

/** An IP address or a host name to listen on. */
export function parseHost(text: string): string | undefined {
  if (isIP(text) !== 0) return text.includes('%') ? undefined : text;
  // A name that ends in a number is a mistyped address: `127.0.0`, `0.0.0.256`.
  return /^(?=.{1,253}$)([a-z0-9_-]+\.)*[a-z0-9_-]*[a-z_-][a-z0-9_-]*$/i.test(text) ? text.toLowerCase() : undefined;
}

/** A socket's address holds 107 bytes; the rest is for what is appended to name the process. */
const SOCKET_PATH_MAX_BYTES = 80;

/** The path of `unix:/path`. */
export function parseUnixSocket(text: string): string | undefined {
  const path = /^unix:(\/[^\0]*[^\0/])$/.exec(text)?.[1];
  return path !== undefined && Buffer.byteLength(path) <= SOCKET_PATH_MAX_BYTES ? path : undefined;
}

/** `host` or `host:port`, as it stands in a Host header. */
export function parseAuthority(text: string): string | undefined {
  if (/[\s/?#@\\%]/.test(text) || /:0*$/.test(text)) return undefined;
  return URL.canParse(`http://${text}/`) ? text.toLowerCase() : undefined;
}

/** The authority as browsers send it: IDNA applied, without the port that the scheme implies. */
export function canonicalAuthority(authority: string, isHttps: boolean): string {
  return new URL(`${isHttps ? 'https' : 'http'}://${authority}/`).host;
}

/** An absolute http(s) URL that may be a header value: what is not printable ASCII is percent-encoded. */
export function parseHttpUrl(text: string): string | undefined {
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, href } = new URL(text);
  if (username !== '' || password !== '') return undefined;
  return /^[\x21-\x7e]+$/.test(text) ? text : href;
}

/** `*`, or an origin as browsers send it: scheme and authority, nothing behind. */
export function parseOrigin(text: string): string | undefined {
  if (text === '*') return text;
  if (!/^https?:\/\/[^\s/?#@*,\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

/** What fits in a header: keys that are moved here from another service have any form, also short ones. */
export function parseApiKey(text: string): string | undefined {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/.test(text) ? text : undefined;
}

export function parsePath(text: string): string | undefined {
  return text.includes('\0') ? undefined : text;
}

/** Addresses and CIDR ranges separated by commas, all as CIDR; `none` is the empty list. */
export function parseNetworks(text: string): string[] | undefined {
  if (text === 'none') return [];
  const networks = text.split(',').map((item) => parseNetwork(item.trim()));
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

/** As `parseNetworks`, and IPv4 addresses with `*` in place of numbers: `192.168.*.*`. */
export function parseAddressPatterns(text: string): string[] | undefined {
  if (text === 'none') return [];
  const patterns = text.split(',').map((item) => parseWildcard(item.trim()) ?? parseNetwork(item.trim()));
  return patterns.every((pattern) => pattern !== undefined) ? patterns : undefined;
}

function parseWildcard(text: string): string | undefined {
  return text.includes('*') && isIP(text.replaceAll('*', '0')) === 4 && !/[*\d]\*|\*\d/.test(text) ? text : undefined;
}

/** The name of a query parameter. */
export function parseParameter(text: string): string | undefined {
  return /^[\w-]{1,100}$/.test(text) ? text : undefined;
}

function parseNetwork(text: string): string | undefined {
  const [address = '', bits] = text.split('/', 2);
  // ipaddr.js alone would take `10.1` and `0x7f.1` for addresses.
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return undefined;
  const network = bits === undefined ? `${address}/${version === 4 ? 32 : 128}` : text;
  return ipaddr.isValidCIDR(network) ? network : undefined;
}

/** Whether nobody but this machine can reach a listener on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
}

/** `*`, or crawlers by the names that they look for in robots.txt (RFC 9309, 2.2.1). */
export function parseProductTokens(text: string): string[] | undefined {
  const tokens = text.split(',').map((token) => token.trim());
  return tokens.every((token) => token === '*' || /^[\w-]{1,100}$/.test(token)) ? tokens : undefined;
}
