import { AppError, type ErrorCode } from '../lib/errors.ts';

/** Clients of REST API v3 switch on these types, so they carry its prefix. */
const TYPE_PREFIX = 'https://shlink.io/api/error/';
export const RETRY_AFTER_S = 1;

interface Kind {
  readonly status: number;
  readonly title: string;
}

const KINDS: Readonly<Record<ErrorCode, Kind>> = {
  'invalid-data': { status: 400, title: 'Invalid data' },
  'malformed-request-body': { status: 400, title: 'Malformed request body' },
  'missing-authentication': { status: 401, title: 'Invalid authorization' },
  'invalid-api-key': { status: 401, title: 'Invalid API key' },
  'cross-site-request': { status: 403, title: 'Cross-site request' },
  'non-unique-slug': { status: 400, title: 'Invalid custom slug' },
  'short-url-not-found': { status: 404, title: 'Short URL not found' },
  'invalid-short-url-deletion': { status: 422, title: 'Cannot delete short URL' },
  'tag-not-found': { status: 404, title: 'Tag not found' },
  'domain-not-found': { status: 404, title: 'Domain not found' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency key reused' },
  'tag-conflict': { status: 409, title: 'Tag conflict' },
  'forbidden-tag-operation': { status: 403, title: 'Forbidden tag operation' },
  'mercure-not-configured': { status: 501, title: 'Mercure integration not configured' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'payload-too-large': { status: 413, title: 'Payload too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  overloaded: { status: 503, title: 'Overloaded' },
  'database-unavailable': { status: 503, title: 'Database unavailable' },
  'internal-error': { status: 500, title: 'Internal error' },
};

export function statusOf(error: AppError): number {
  return KINDS[error.code].status;
}

/** Members that every problem has. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly status: number;
}

/** The error as problem details (RFC 9457), with its members of its own. */
export function problemDetails(error: AppError): ProblemDetails {
  const { status, title } = KINDS[error.code];
  return { type: TYPE_PREFIX + error.code, title, detail: error.message, status, ...error.extra };
}

/** The answer for an error. */
export function problem(error: AppError, headers: Record<string, string> = {}): Response {
  const status = statusOf(error);
  return new Response(JSON.stringify(problemDetails(error)), {
    status,
    headers: { 'content-type': 'application/problem+json', ...errorHeaders(status), ...headers },
  });
}

/** Errors are for this moment only; 503 says when to come back. */
export function errorHeaders(status: number): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (status === 503) headers['retry-after'] = String(RETRY_AFTER_S);
  return headers;
}

/** Says nothing about the cause, which is in the log. */
export function internalError(cause: unknown): AppError {
  return new AppError(
    'internal-error',
    'Something went wrong here. Try again; if it stays, tell who runs this service.',
    { cause },
  );
}
