import { expect } from 'bun:test';

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The parameter or field with a nasty value, if it is one alone. */
  readonly field?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of PostgreSQL, of JavaScript and of libraries: what no client should ever read. */
const INTERNALS =
  /\b(?:select|insert|update|delete) \w+ |relation "|column "|syntax error|invalid (?:byte|input)|duplicate key|violates|SQLSTATE|\bat \S+:\d+|\.ts\b|node_modules|TypeError|RangeError|\bundefined\b|\[object |call stack|unterminated|\bJSON\.|Unexpected (?:token|end)/i;

/**
 * Whatever was sent, an answer below `/rest/` is a success, or a problem that is the client's, says so as RFC 9457 has it,
 * names the field if it is one, and tells nothing of our insides.
 */
export function expectGoodBehaviour({ field }: Asked, status: number, type: string | null, body: string): void {
  if (status < 400) return;
  expect(type).toBe('application/problem+json');
  const problem = JSON.parse(body) as Record<string, unknown>;
  const { type: kind, title, detail } = problem;
  expect([typeof kind, typeof title, typeof detail, problem.status]).toEqual(['string', 'string', 'string', status]);
  expect(status === 501 ? title : status).toBeOneOf([
    ...[400, 401, 403, 404, 405, 409, 413, 415, 422, 'Mercure integration not configured'],
  ]);
  const { shortCode, tag, authority, domain, customSlug } = problem;
  const echoed = [shortCode, tag, authority, domain, customSlug].filter(
    (text) => typeof text === 'string' && text !== '',
  );
  const own = echoed.reduce<string>((text, echo) => text.replaceAll(String(echo), '…'), String(detail));
  expect(own).not.toMatch(INTERNALS);
  if (problem.invalidElements === undefined) return;
  expect(problem.invalidElements).not.toBeEmpty();
  if (field !== undefined) expect(problem.invalidElements).toContain(field);
}
