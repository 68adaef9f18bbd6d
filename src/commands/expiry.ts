const ISO_DATE = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads an ISO 8601 date, which means its first moment in UTC, or one with a time and an offset; undefined for anything
 * else. A time without an offset would mean another moment on another machine.
 */
export function parseExpiry(text: string): Date | undefined {
  const [, day] = ISO_DATE.exec(text) ?? [];
  if (day === undefined || !isOnCalendar(day)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Date takes February 30 for March 2. */
function isOnCalendar(day: string): boolean {
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
