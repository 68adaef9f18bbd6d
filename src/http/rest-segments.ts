import { pathOf } from './rest-path.ts';
import type { Route } from './rest-routes.ts';

/** Makes one parameter of several segments, in the target of a request. */
export type JoinSegments = (method: string, target: string) => string;

const PREFIX = '/rest/v3/short-urls/';
const ROUTE = `${PREFIX}:shortCode`;

/**
 * Short codes with slashes, which clients send as they are: `/rest/v3/short-urls/a/b/visits` is that of `a%2Fb` to the
 * router, whose parameters are single segments. As in Shlink the more specific route wins: `GET …/a/visits` is about
 * the visits of `a`, also if there is a slug `a/visits`; that one is named by `a%2Fvisits`.
 */
export function createSegmentJoiner(routes: Iterable<Route>): JoinSegments {
  const ofShortCode = [...routes].filter(({ path }) => path.startsWith(`${ROUTE}/`));
  const ends = ofShortCode.map(({ method, path }) => ({ method, end: path.slice(ROUTE.length) }));

  return (method, target) => {
    const path = pathOf(target);
    if (!path.startsWith(PREFIX)) return target;
    const named = path.slice(PREFIX.length).replace(/\/$/, '');
    const end = ends.find((route) => named.endsWith(route.end) && isOf(method, route))?.end ?? '';
    const code = named.slice(0, named.length - end.length);
    return code.includes('/') ? `${PREFIX}${code.replaceAll('/', '%2F')}${end}${target.slice(path.length)}` : target;
  };
}

/** OPTIONS asks for what all methods there are. */
function isOf(asked: string, { method }: Pick<Route, 'method'>): boolean {
  return asked === 'OPTIONS' || method === (asked === 'HEAD' ? 'GET' : asked);
}
