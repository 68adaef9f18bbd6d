// Date and time with seconds optional; a date alone is its first moment. Without an offset, it is UTC.
const ISO_DATE =
  /^(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?(Z|[+-](?:0\d|1[0-4]):?(?:[0-5]\d)?)?)?$/;

/**
 * An ISO 8601 date in its extended form → the moment, to the second, as dates are answered. Undefined for other
 * spellings, for days that no calendar has, which JavaScript's own parser would move into the next month, and for what
 * is no year of four digits in UTC.
 */
export function parseIsoDate(text: string): Date | undefined {
  const [, day, hour = '00', minute = '00', second = '00', offset = 'Z'] = ISO_DATE.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const date = new Date(`${day}T${hour}:${minute}:${second}${extendedOffset(offset)}`);
  return isAnswerable(date) ? date : undefined;
}

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && !day.startsWith('0000');
}

/** `+02` and `+0200` → `+02:00`. */
function extendedOffset(offset: string): string {
  if (offset === 'Z') return offset;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function isAnswerable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}
