import { pathToPrintableAscii } from '../lib/location.ts';
import type { Link } from './link.ts';

/** A link as it is answered when something stood behind its code, and that. */
interface Extended {
  readonly link: Link;
  readonly extraPath: string;
}

/** Beside the links and not within: millions of them are cached, and hardly one is asked for like this. */
const extended = new WeakMap<Link, Extended>();

/** The link with a path put behind that of its target. */
export function extend(link: Link, extraPath: string): Link {
  if (extraPath === '') return link;
  const copy = { ...link, location: appendPath(link.location, extraPath) };
  extended.set(copy, { link, extraPath });
  return copy;
}

/** What `extend` made this link of. */
export function unextended(link: Link): Extended {
  return extended.get(link) ?? { link, extraPath: '' };
}

/**
 * The target with a path appended to its path, before query and fragment; nothing else changed.
 * @param target a Location, so printable ASCII
 * @param extraPath begins with `/`, as it came in
 */
export function appendPath(target: string, extraPath: string): string {
  if (extraPath === '') return target;
  const end = target.search(/[?#]/);
  const base = end === -1 ? target : target.slice(0, end);
  const rest = end === -1 ? '' : target.slice(end);
  return `${base.endsWith('/') ? base.slice(0, -1) : base}${pathToPrintableAscii(extraPath)}${rest}`;
}
