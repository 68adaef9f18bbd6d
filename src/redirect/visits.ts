import type { NotFoundKind } from './answers.ts';
import type { Domain } from './domains.ts';
import type { Link } from './link.ts';

/**
 * Where the redirect reports visits to. Both take what they need of the request before they return, and neither throws:
 * a visit that cannot be recorded must not cost a redirect.
 */
export interface Visits {
  /** A short URL has been answered, with this Location; empty for the tracking pixel. Not for HEAD. */
  ofShortUrl(request: Request, link: Link, location: string): void;
  /** Somebody came to no short URL, whatever the answer was. */
  orphan(request: Request, domain: Domain, kind: NotFoundKind): void;
}
