import { toPrintableAscii } from '../lib/location.ts';

/**
 * The target with the visitor's query parameters: appended in the order sent, before the fragment, nothing else
 * changed (no slash put in). A key that the target has already is overridden where it stands; a key sent twice
 * arrives twice. Linear in both lengths.
 *
 * @param target a Location (`locationOf`), so printable ASCII
 * @param rawQuery what came after the `?`, as it came; the result is printable ASCII whatever that is
 */
export function forwardQuery(target: string, rawQuery: string): string {
  const query = NEEDS_CLEANING.test(rawQuery) ? clean(rawQuery) : rawQuery;
  if (query === '') return target;
  const hash = target.indexOf('#');
  const url = hash < 0 ? target : target.slice(0, hash);
  const fragment = hash < 0 ? '' : target.slice(hash);
  const mark = url.indexOf('?');
  if (mark < 0) return `${url}?${query}${fragment}`;
  return `${url.slice(0, mark + 1)}${merge(url.slice(mark + 1), query)}${fragment}`;
}

/** The characters of WHATWG's query state that need no encoding; else an escape that is none, or an empty parameter. */
const NEEDS_CLEANING = /[^!$%&(-*,-;=?-~]|%(?![\da-f]{2})|^&|&&|&$/i;

/** `+` is how forms write a blank; `%20` means the same to every reader. `#` would begin the fragment. */
function clean(rawQuery: string): string {
  return toPrintableAscii(rawQuery)
    .replace(/\+/g, '%20')
    .replace(/["'#<>]|%(?![\da-f]{2})/gi, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replace(/^&+|&+$|&+(?=&)/g, '');
}

/** The first of the target's parameters with a key gives its place to all that the visitor sent with it. */
function merge(targetQuery: string, query: string): string {
  const sent = Map.groupBy(query.split('&'), keyOf);
  const overridden = new Set<string>();
  const own = targetQuery.split('&').filter((parameter) => parameter !== '');
  const merged = own.flatMap((parameter) => {
    const key = keyOf(parameter);
    const overrides = sent.get(key);
    if (overrides === undefined) return parameter;
    const isFirst = !overridden.has(key);
    overridden.add(key);
    return isFirst ? overrides : [];
  });
  const appended = query.split('&').filter((parameter) => !overridden.has(keyOf(parameter)));
  return [...merged, ...appended].join('&');
}

/** The key's bytes, so that `a%5B%5D` and `a[]` are one key; bytes that are not UTF-8 compare like any others. */
function keyOf(parameter: string): string {
  const key = parameter.split('=', 1)[0] ?? '';
  return key
    .replace(/\+/g, ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
