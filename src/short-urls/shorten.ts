import { Value } from '@sinclair/typebox/value';
import { Elysia } from 'elysia';
import type { ApiKeyService } from '../api-keys/service.ts';
import { readText } from '../http/body.ts';
import { type OriginPolicy, requireSameSite } from '../http/origin.ts';
import { errorHeaders, internalError, statusOf } from '../http/problem.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../observability/log.ts';
import { type LongUrlPolicy, type OwnAddresses, parseLongUrl } from './long-url.ts';
import { ShortenBody, type ShortenError, type ShortenResult } from './model.ts';
import type { ShortUrlService } from './service.ts';
import type { ShortUrl } from './short-url.ts';

export interface ShortenOptions {
  readonly shortUrls: Pick<ShortUrlService, 'create'>;
  readonly apiKeys: Pick<ApiKeyService, 'authenticate'>;
  /** Whether it works without an API key. */
  readonly allowsAnonymous: boolean;
  readonly origins: OriginPolicy;
  /** Where no short URL may lead. */
  readonly fields: OwnAddresses;
  readonly urlOf: (shortUrl: ShortUrl) => string;
  readonly maxBodyBytes: number;
  /** False until the database has been reached and its schema is there. */
  readonly isReady: () => boolean;
  readonly log: Logger;
}

/** `POST /`: the whole API of the service that hop replaces, in its shapes, with right statuses. */
export function shortenController(options: ShortenOptions) {
  const { shortUrls, urlOf, maxBodyBytes } = options;
  const { isOwnAuthority, isSlugPath } = options.fields;
  const policy: LongUrlPolicy = { schemes: 'web', isOwnAuthority, isSlugPath };

  // The body is read here and not by Elysia: it is JSON whatever its content type says, so that `curl -d` works.
  return new Elysia({ name: 'shorten' }).post('/', ({ request }) => shorten(request), { parse: 'none' });

  async function shorten(request: Request): Promise<Response> {
    try {
      requireReady(options);
      const authorApiKeyId = await author(request, options);
      const longUrl = readLongUrl(await readText(request, maxBodyBytes), policy);
      return created(urlOf(await shortUrls.create({ domainId: 0, longUrl, authorApiKeyId })));
    } catch (error) {
      return failed(error, options.log);
    }
  }
}

function requireReady({ isReady }: ShortenOptions): void {
  if (isReady()) return;
  throw new AppError('database-unavailable', 'This server has not reached its database yet. Try again soon.');
}

/** Who creates: the key's id, or null for anybody where that is allowed. */
async function author(request: Request, { apiKeys, allowsAnonymous, origins }: ShortenOptions): Promise<number | null> {
  const key = request.headers.get('x-api-key');
  if (key === null && allowsAnonymous) {
    requireSameSite(request, origins);
    return null;
  }
  return (await apiKeys.authenticate(key)).apiKeyId;
}

function readLongUrl(body: string, policy: LongUrlPolicy): string {
  const parsed = parseJson(body);
  const url = Value.Check(ShortenBody, parsed) ? parsed.url : undefined;
  const result = parseLongUrl(url, policy);
  if (result.ok) return result.longUrl;
  throw new AppError('invalid-data', result.reason, { extra: { invalidElements: ['url'] } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function created(shortUrl: string): Response {
  const body: ShortenResult = { shortened_url: shortUrl };
  return Response.json(body, { status: 201, headers: { location: shortUrl } });
}

function failed(error: unknown, log: Logger): Response {
  if (!(error instanceof AppError)) log.error('short URL could not be created', { error });
  return refusedShorten(error instanceof AppError ? error : internalError(error));
}

/** An error of `POST /` in its own shape. */
export function refusedShorten(shown: AppError, headers: Record<string, string> = {}): Response {
  const body: ShortenError = { status: 'error', message: { [faultOf(shown)]: shown.message } };
  const status = statusOf(shown);
  return Response.json(body, { status, headers: { ...errorHeaders(status), ...headers } });
}

/** What the message is about: the URL, the key, or the request as a whole. */
function faultOf({ code }: AppError): string {
  if (code === 'invalid-data') return 'url';
  return code === 'missing-authentication' || code === 'invalid-api-key' ? 'api_key' : 'request';
}
