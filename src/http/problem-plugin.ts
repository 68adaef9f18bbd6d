import { KindGuard } from '@sinclair/typebox';
import { Elysia, type ValidationError } from 'elysia';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../observability/log.ts';
import { invalidElements } from './invalid-elements.ts';
import { internalError, problem } from './problem.ts';
import { REQUEST_ID } from './rest-request-id.ts';

export interface ProblemPluginOptions {
  readonly log: Logger;
  /** The answer to a path or method that no route has. */
  readonly notFound: (request: Request) => Response;
}

/**
 * Every error of every route as problem details. Global and to be used first: Elysia sends `error.message` of what an
 * onError registered later does not see, and that of a failed validation contains what was sent, secrets included.
 */
export function problemPlugin({ log, notFound }: ProblemPluginOptions) {
  return new Elysia({ name: 'problem' }).onError({ as: 'global' }, ({ error, code, request }) => {
    if (error instanceof AppError) return problem(error);
    if (code === 'NOT_FOUND') return notFound(request);
    if (code === 'PARSE') return problem(MALFORMED_BODY);
    if (code === 'VALIDATION' && error.type !== 'response') return problem(invalidData(error));
    const cause = code === 'VALIDATION' ? new Error(`the answer does not fit its schema at ${fieldsOf(error)}`) : error;
    log.error('request failed', {
      error: cause,
      method: request.method,
      path: new URL(request.url, 'http://localhost').pathname,
      requestId: request.headers.get(REQUEST_ID) ?? undefined,
    });
    return problem(internalError(cause));
  });
}

const MALFORMED_BODY = new AppError('malformed-request-body', 'Provided request does not contain a valid JSON body.');

type Failed = Pick<ValidationError, 'validator' | 'value'>;

function invalidData(error: Failed): AppError {
  return new AppError('invalid-data', 'Provided data is not valid', { extra: { invalidElements: elementsOf(error) } });
}

function fieldsOf(error: Failed): string {
  return elementsOf(error).join(', ') || 'the root';
}

function elementsOf({ validator, value }: Failed): string[] {
  const { schema = validator } = validator as { readonly schema?: unknown };
  return KindGuard.IsSchema(schema) ? invalidElements(schema, value) : [];
}
