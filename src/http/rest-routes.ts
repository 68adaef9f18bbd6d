/** A route as the router knows it: `/rest/v3/short-urls/:shortCode`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** The methods of a path in order of registration, undefined when no route has it. HEAD goes with GET and is not told. */
export type MethodsOf = (path: string) => readonly string[] | undefined;

/**
 * The router's own table, read the other way round: it finds a route for a method, here a path has methods. Those of a
 * fixed path and of a pattern that fits it add up: `shorten` can be a short code as well.
 */
export function createMethodTable(routes: Iterable<Route>): MethodsOf {
  const paths = new Map<string, string[]>();
  for (const { method, path } of routes) paths.set(path, [...(paths.get(path) ?? []), method]);
  const patterns = [...paths].map(([path, methods]) => ({ matches: toPattern(path), methods }));
  return (path) => {
    const methods = patterns.filter(({ matches }) => matches.test(path)).flatMap((pattern) => pattern.methods);
    return methods.length === 0 ? undefined : [...new Set(methods)];
  };
}

/** A slash at the end makes no difference to the router. */
function toPattern(path: string): RegExp {
  const segments = path.replace(/\/$/, '').split('/');
  const sources = segments.map((segment) => (segment.startsWith(':') ? '[^/]+' : RegExp.escape(segment)));
  return new RegExp(`^${sources.join('/')}/?$`);
}
