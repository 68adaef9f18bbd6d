import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseIsoDate } from '../../src/lib/iso-date.ts';
import { anyText, holds } from '../support/property.ts';

const [FIRST, LAST] = [new Date('0001-01-02T00:00:00Z'), new Date('9999-12-30T23:59:59Z')];
/** To the second, as dates are kept. */
const moment = fc
  .date({ min: FIRST, max: LAST, noInvalidDate: true })
  .map((date) => new Date(date.setUTCMilliseconds(0)));
const offsetMinutes = fc.integer({ min: -14 * 60, max: 14 * 60 });

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** The moment by a clock that is this far ahead of UTC. */
function byClock(date: Date, minutes: number, colon: string): string {
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${local}${minutes < 0 ? '-' : '+'}${two(hours)}${colon}${two(rest)}`;
}

test('a moment is read alike by every clock', () => {
  holds(moment, offsetMinutes, fc.constantFrom(':', ''), (date, minutes, colon) => {
    expect(parseIsoDate(byClock(date, minutes, colon))).toEqual(date);
    expect(parseIsoDate(date.toISOString())).toEqual(date);
    expect(parseIsoDate(date.toISOString().slice(0, 19))).toEqual(date);
  });
});

test('a clock may be ahead by whole hours', () => {
  holds(moment, fc.integer({ min: -14, max: 14 }), (date, hours) => {
    expect(parseIsoDate(byClock(date, 60 * hours, '').slice(0, -2))).toEqual(date);
  });
});

test('a day that no calendar has is no date', () => {
  holds(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9999 })), fc.nat(15), fc.nat(33), (year, month, day) => {
    const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
    const daysOfMonth = month >= 1 && month <= 12 ? new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate() : 0;
    const isDay = year >= 1 && day >= 1 && day <= daysOfMonth;
    expect(parseIsoDate(text)?.toISOString()).toBe(isDay ? `${text}T00:00:00.000Z` : undefined);
  });
});

test('any text is a date to the second that can be answered, or none', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0129-:TZ+., '), maxLength: 26 });
  holds(fc.oneof(anyText, digits, fc.date().map(String)), (text) => {
    const date = parseIsoDate(text);
    if (date !== undefined) expect(date.toISOString()).toMatch(/^\d{4}-.*\.000Z$/);
  });
});
