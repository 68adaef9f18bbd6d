import { locationOf, pathToPrintableAscii } from '../lib/location.ts';

/** Percent-encoded where a client took the target apart and put it together again. */
const PLACEHOLDERS = /(?:\{|%7B)(DOMAIN|ORIGINAL_PATH)(?:\}|%7D)/gi;

/**
 * The Location for who hits no short URL: in its path and query, `{DOMAIN}` is the domain that was asked for and
 * `{ORIGINAL_PATH}` the path, as in Shlink.
 * @param url of the request: without authority where Host was none
 */
export function notFoundLocation(target: string, url: string): string {
  return target.search(PLACEHOLDERS) === -1 ? locationOf(target) : locationOf(fill(target, url));
}

function fill(target: string, url: string): string {
  const { authority, path } = partsOf(url);
  const queryAt = endOf(target, /[?#]/);
  const fragmentAt = Math.max(queryAt, endOf(target, /#/));
  const value = (name: string) => (name.toUpperCase() === 'DOMAIN' ? authority : path);
  return [
    target
      .slice(0, queryAt)
      .replace(PLACEHOLDERS, (_, name: string) => value(name))
      .replace(/(?<!:)\/\/+/g, '/'),
    target.slice(queryAt, fragmentAt).replace(PLACEHOLDERS, (_, name: string) => encodeURIComponent(value(name))),
    target.slice(fragmentAt),
  ].join('');
}

function partsOf(url: string): { readonly authority: string; readonly path: string } {
  const authorityAt = url.startsWith('/') ? 0 : url.indexOf('://') + '://'.length;
  const pathAt = url.indexOf('/', authorityAt);
  return {
    authority: url.slice(authorityAt, pathAt),
    path: pathToPrintableAscii(url.slice(pathAt).split('?', 1)[0] ?? ''),
  };
}

function endOf(text: string, pattern: RegExp): number {
  const at = text.search(pattern);
  return at === -1 ? text.length : at;
}
