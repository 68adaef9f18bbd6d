import { AppError } from '../lib/errors.ts';
import { problem } from './problem.ts';
import { readBody } from './rest-body.ts';
import { allowOrigin, optionsAnswer } from './rest-cors.ts';
import { currentVersion, pathOf, targetOf } from './rest-path.ts';
import { REQUEST_ID, requestIdOf } from './rest-request-id.ts';
import { createMethodTable, type Route } from './rest-routes.ts';
import type { JoinSegments } from './rest-segments.ts';

type Answer = Response | Promise<Response>;

export interface RestOptions {
  /** Those of the router, in order of registration. */
  readonly routes: Iterable<Route>;
  /** The router. It has the problem plugin and therefore never rejects. */
  readonly answer: (request: Request) => Answer;
  /** For the header `Access-Control-Allow-Origin`. */
  readonly allowedOrigin: string;
  readonly maxBodyBytes: number;
  /** The error for a path that cannot be answered at the moment, such as before the database has been reached. */
  readonly refusal: (path: string) => AppError | undefined;
  /** Makes single parameters of what a path names by several segments; default: nothing is. */
  readonly joinSegments?: JoinSegments | undefined;
  /** Stands between a request and its answer; default: nothing does. */
  readonly limited?: (request: Request, answer: () => Answer) => Answer;
}

/**
 * What all of the REST API has in common, so that its controllers hold nothing but their routes: versions, methods,
 * CORS, request ids, and bodies. Gives undefined for what is not below `/rest/`.
 */
export function createRest(options: RestOptions): (request: Request) => Promise<Response> | undefined {
  const { allowedOrigin, maxBodyBytes, refusal, limited = (_request, answer) => answer() } = options;
  const { joinSegments = (_method, target) => target } = options;
  const methodsOf = createMethodTable(options.routes);

  return (request) => {
    const target = targetOf(request.url);
    if (!target.startsWith('/rest/')) return undefined;
    return framed(request, joinSegments(request.method, currentVersion(target)));
  };

  async function framed(request: Request, target: string): Promise<Response> {
    const id = requestIdOf(request);
    const response = await limited(request, () => answer(request, target, id));
    response.headers.set(REQUEST_ID, id);
    allowOrigin(request, response.headers, allowedOrigin);
    return response;
  }

  function answer(request: Request, target: string, id: string): Answer {
    const path = pathOf(target);
    const methods = isDecodable(path) ? methodsOf(path) : undefined;
    if (request.method === 'OPTIONS') return optionsAnswer(request, methods) ?? problem(NO_SUCH_PATH);
    if (methods === undefined) return problem(NO_SUCH_PATH);
    if (!methods.includes(routedMethod(request))) return methodNotAllowed(methods);
    const refused = refusal(path);
    return refused === undefined ? routed(request, target, id) : problem(refused);
  }

  async function routed(request: Request, target: string, id: string): Promise<Response> {
    try {
      const body = await readBody(request, maxBodyBytes);
      return await options.answer(routedRequest(request, target, id, body));
    } catch (error) {
      if (error instanceof AppError) return problem(error);
      throw error;
    }
  }
}

/** The router hands out null for a parameter whose escapes are none (`%ZZ`) or no UTF-8 (`%FF`). */
function isDecodable(path: string): boolean {
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

const NO_SUCH_PATH = new AppError('not-found', 'There is nothing at this address.');

/** HEAD is answered as GET; the server leaves out the body. */
function routedMethod({ method }: Request): string {
  return method === 'HEAD' ? 'GET' : method;
}

/** What the router gets: the current version's path, no Host that could mislead it, the body as it was read. */
function routedRequest(request: Request, target: string, id: string, body: string | undefined): Request {
  const headers = new Headers(request.headers);
  headers.set(REQUEST_ID, id);
  if (body === undefined) return new Request(`http://localhost${target}`, { method: routedMethod(request), headers });
  headers.set('content-type', 'application/json');
  return new Request(`http://localhost${target}`, { method: request.method, headers, body });
}

function methodNotAllowed(methods: readonly string[]): Response {
  const allow = methods.join(',');
  return problem(new AppError('method-not-allowed', `This address answers ${allow} only.`), { allow });
}
