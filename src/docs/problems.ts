import { type ProblemDetails, problemDetails } from '../http/problem.ts';
import { AppError, type ErrorCode } from '../lib/errors.ts';

/** What an answer of each status looks like, where the route does not show one of its own. */
export const PROBLEM_EXAMPLES: Readonly<Record<string, ProblemDetails>> = {
  400: example('invalid-data', 'Provided data is not valid', { invalidElements: ['longUrl', 'tags'] }),
  401: example('invalid-api-key', 'Provided API key does not exist or is invalid.'),
  404: example('short-url-not-found', 'No URL found with short code "abc"', { shortCode: 'abc' }),
  413: example('payload-too-large', 'The request body is larger than 1048576 bytes: send less.'),
  415: example('unsupported-media-type', 'The request body has to be JSON, with "Content-Type: application/json".'),
  422: example('idempotency-key-reused', 'This Idempotency-Key was used for another request: take a new one.'),
  429: example('too-many-requests', 'Too many requests. Try again in 17 s.', { 'violated-policies': ['api-key'] }),
  500: example('internal-error', 'Something went wrong here. Try again; if it stays, tell who runs this service.'),
  503: example('database-unavailable', 'The database cannot answer at the moment. Try again soon.'),
};

export const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'detail', 'status'],
  properties: {
    type: { type: 'string', description: 'What programs switch on.' },
    title: { type: 'string', description: 'The same for all errors of a type.' },
    detail: { type: 'string', description: 'What is wrong, for people.' },
    status: { type: 'integer', description: 'Status of the answer.' },
  },
};

function example(code: ErrorCode, message: string, extra: Readonly<Record<string, unknown>> = {}): ProblemDetails {
  return problemDetails(new AppError(code, message, { extra }));
}
