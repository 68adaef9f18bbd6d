import { AppError } from '../lib/errors.ts';
import { readText } from './body.ts';

const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i;
const WRITES = new Set(['POST', 'PUT', 'PATCH']);
const EMPTY_BODY = /^\s*(?:\[\s*\]\s*)?$/;

/**
 * The body as the router shall see it, read here so that its size counts on every route, also where nobody reads it;
 * undefined where none was sent and none is needed. Clients in PHP write the empty object as `[]`, and some send
 * nothing at all for it. Errors: `payload-too-large`, `unsupported-media-type`, `malformed-request-body` when it ends early.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string | undefined> {
  const isWrite = WRITES.has(request.method);
  if (isWrite && hasBody(request)) requireJson(request);
  const text = await readText(request, maxBytes);
  if (!isWrite) return undefined;
  return EMPTY_BODY.test(text) ? '{}' : text;
}

function requireJson({ headers }: Request): void {
  if (JSON_TYPE.test(headers.get('content-type') ?? '')) return;
  throw new AppError(
    'unsupported-media-type',
    'The request body has to be JSON, with "Content-Type: application/json".',
  );
}

function hasBody({ headers }: Request): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}
