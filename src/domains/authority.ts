import { authorityOf, isResolvable } from '../lib/host.ts';

/**
 * A domain as somebody wrote it (`Example.com`, `bücher.example:8080`) → the authority under which it is stored and
 * requests are recognised, or undefined for what is none. Names only, with underscores allowed, as in container
 * networks; IP addresses can be no domains, for a name is what tells one short URL's domain from another.
 */
export function parseAuthority(text: string): string | undefined {
  const url = parseHost(text.trim());
  if (url === undefined || isIpAddress(url.hostname)) return undefined;
  return authorityOf(url);
}

/** Whether the text names this authority, in whatever spelling; that may be an IP address, as in a trial. */
export function isAuthority(text: string, authority: string): boolean {
  const url = parseHost(text.trim());
  const own = parseHost(authority);
  return url !== undefined && own !== undefined && authorityOf(url) === authorityOf(own);
}

function parseHost(text: string): URL | undefined {
  if (!/^(?:\[[\da-f:.]+\]|[^\s/?#@\\:%[\]]+)(?::[1-9]\d{0,4})?$/i.test(text)) return undefined;
  const url = URL.parse(`http://${text}`);
  return url !== null && isResolvable(url) ? url : undefined;
}

function isIpAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}
