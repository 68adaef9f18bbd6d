import { type ApiKeyService, hashApiKey } from './api-keys/service.ts';
import { problem } from './http/problem.ts';
import { rateLimitHeaders, type Standing, tooManyRequests } from './http/rate-limit.ts';
import { targetOf } from './http/rest-path.ts';
import type { AppError } from './lib/errors.ts';
import type { RateLimits } from './rate-limits.ts';
import { refusedShorten } from './short-urls/shorten.ts';

type Answer = Response | Promise<Response>;
type Refuse = (error: AppError, headers: Record<string, string>) => Response;

export interface LimitedApiOptions {
  readonly limits: RateLimits;
  readonly apiKeys: Pick<ApiKeyService, 'isFamiliar'>;
  readonly onRefused: (limit: string) => void;
}

/** Holds requests to the API to the limits, and tells clients where they stand. */
export class LimitedApi {
  readonly #options: LimitedApiOptions;

  constructor(options: LimitedApiOptions) {
    this.#options = options;
  }

  /** A request below `/rest/`. Without a key it costs nothing that would have to be limited. */
  async rest(request: Request, answer: () => Answer): Promise<Response> {
    const key = keyOf(request);
    return key === null ? answer() : this.#withKey(request, key, answer, problem);
  }

  /** `POST /`, which has errors of its own shape. */
  async shorten(request: Request, answer: () => Answer): Promise<Response> {
    const key = request.headers.get('x-api-key');
    if (key !== null) return this.#withKey(request, key, answer, refusedShorten);
    const { anonymousCreates, visitor } = this.#options.limits;
    const client = anonymousCreates.quota === 0 ? undefined : visitor(request);
    const standing = client === undefined ? undefined : await anonymousCreates.take(client);
    return this.#held(standing, answer, refusedShorten);
  }

  async #withKey(request: Request, key: string, answer: () => Answer, refuse: Refuse): Promise<Response> {
    const guessing = this.#guessing(request, key);
    if (guessing !== undefined) return this.#refused(guessing, refuse);
    const { apiKey, invalidApiKeys, visitor } = this.#options.limits;
    const standing = apiKey.quota === 0 ? undefined : await apiKey.take(hashApiKey(key).toString('hex'));
    const response = await this.#held(standing, answer, refuse);
    const client = response.status === 401 ? visitor(request) : undefined;
    if (client !== undefined) void invalidApiKeys.take(client);
    return response;
  }

  /** Who has used too many invalid keys gets no more looked up; keys that have been valid here go on working. */
  #guessing(request: Request, key: string): Standing | undefined {
    const { limits, apiKeys } = this.#options;
    if (!limits.invalidApiKeys.isAnyExceeded) return undefined;
    const standing = limits.invalidApiKeys.exceeded(limits.visitor(request) ?? '');
    return standing === undefined || apiKeys.isFamiliar(key) ? undefined : standing;
  }

  async #held(standing: Standing | undefined, answer: () => Answer, refuse: Refuse): Promise<Response> {
    if (standing?.isExceeded) return this.#refused(standing, refuse);
    const response = await answer();
    if (standing === undefined) return response;
    for (const [name, value] of Object.entries(rateLimitHeaders(standing))) response.headers.set(name, value);
    return response;
  }

  #refused(standing: Standing, refuse: Refuse): Response {
    this.#options.onRefused(standing.limit.name);
    return refuse(tooManyRequests(standing), rateLimitHeaders(standing));
  }
}

/** Where a request may carry its key; one step creates are given it in the query. */
function keyOf({ headers, url }: Request): string | null {
  const target = targetOf(url);
  const queryAt = target.indexOf('?');
  const inQuery = /\/short-urls\/shorten\/?\?/.test(target)
    ? new URLSearchParams(target.slice(queryAt)).get('apiKey')
    : null;
  return inQuery ?? headers.get('x-api-key');
}
