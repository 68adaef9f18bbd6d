/**
 * The catalogue of everything that can go wrong for a caller. Services throw these and know no HTTP;
 * `src/http/problem.ts` gives each its status and title.
 */
export type ErrorCode =
  | 'invalid-data'
  | 'malformed-request-body'
  | 'missing-authentication'
  | 'invalid-api-key'
  | 'cross-site-request'
  | 'non-unique-slug'
  | 'short-url-not-found'
  | 'invalid-short-url-deletion'
  | 'tag-not-found'
  | 'domain-not-found'
  | 'idempotency-key-reused'
  | 'tag-conflict'
  | 'forbidden-tag-operation'
  | 'mercure-not-configured'
  | 'not-found'
  | 'method-not-allowed'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'too-many-requests'
  | 'overloaded'
  | 'database-unavailable'
  | 'internal-error';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Members that go into the problem beside type, title, detail and status: `{ customSlug: 'x' }`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An error meant for the caller: `message` is shown to clients as `detail`, so it says what to do and names no internals. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.extra = options.extra ?? {};
  }
}
