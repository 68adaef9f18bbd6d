export const REQUEST_ID = 'x-request-id';

/** What may be written into headers and logs as it is. */
const SANE = /^[\x21-\x7e]{1,128}$/;

/** The id that the caller, or a proxy in front of us, gave the request; else a new one. */
export function requestIdOf({ headers }: Request): string {
  const given = headers.get(REQUEST_ID);
  return given !== null && SANE.test(given) ? given : crypto.randomUUID();
}
