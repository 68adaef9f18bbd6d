import { invalidData } from '../lib/field-reader.ts';
import { parseIsoDate } from '../lib/iso-date.ts';
import { parseAddressPattern } from '../redirect/address-pattern.ts';
import { CONDITION_TYPES, type ConditionRow, type ConditionType, type RuleRow } from '../redirect/rules.ts';
import { type OwnAddresses, parseLongUrl } from '../short-urls/long-url.ts';
import { isCountryCode } from './countries.ts';

/** All rules of a short URL are read and tried for each visitor. */
const MAX_RULES = 100;
const MAX_CONDITIONS = 50;
/** In UTF-16 units, of a key or a value. */
const MAX_TEXT_LENGTH = 512;

/**
 * The rules in a body, in order of priority; a priority that is sent counts for nothing. Errors: `invalid-data`, which
 * names the field `redirectRules` as a whole, as clients know it.
 */
export function readRules(body: Readonly<Record<string, unknown>>, own: OwnAddresses): RuleRow[] {
  const rules = readList(body.redirectRules ?? [], MAX_RULES, (item) => readRule(item, own));
  if (rules === undefined) throw invalidData('redirectRules');
  return rules;
}

function readRule(item: unknown, own: OwnAddresses): RuleRow | undefined {
  if (!isObject(item)) return undefined;
  const target = parseLongUrl(item.longUrl, { ...own, schemes: 'any' });
  const conditions = readList(item.conditions, MAX_CONDITIONS, readCondition);
  // Without conditions, a rule would hide the long URL and every rule behind it.
  if (!target.ok || conditions === undefined || conditions.length === 0) return undefined;
  return { longUrl: target.longUrl, conditions };
}

function readCondition(item: unknown): ConditionRow | undefined {
  if (!isObject(item)) return undefined;
  const type = CONDITION_TYPES.find((known) => known === item.type);
  const matchKey = readText(item.matchKey);
  const matchValue = readText(item.matchValue);
  if (type === undefined || matchKey === undefined || matchValue === undefined) return undefined;
  return VALIDATORS[type](matchValue ?? '', matchKey ?? '') ? { type, matchKey, matchValue } : undefined;
}

const DEVICES = ['android', 'ios', 'mobile', 'windows', 'macos', 'linux', 'chromeos', 'desktop'];
const BROWSERS = ['chrome', 'firefox', 'edge', 'safari', 'opera', 'android_browser'];
/** A tag of BCP 47, as far as its form goes; clients also write `_`. */
const LANGUAGE = /^[a-z]{1,8}(?:[-_][a-z\d]{1,8})*$/i;

const isNamed = (_value: string, key: string) => key !== '';
const isDate = (value: string) => parseIsoDate(value) !== undefined;

/** Whether a condition of the type can ever be met. */
const VALIDATORS: Readonly<Record<ConditionType, (value: string, key: string) => boolean>> = {
  device: (value) => DEVICES.includes(value),
  browser: (value) => BROWSERS.includes(value),
  language: (value) => LANGUAGE.test(value),
  'query-param': isNamed,
  'any-value-query-param': isNamed,
  'valueless-query-param': isNamed,
  'ip-address': (value) => parseAddressPattern(value) !== undefined,
  'geolocation-country-code': isCountryCode,
  'geolocation-city-name': (value) => value.trim() !== '',
  'before-date': isDate,
  'after-date': isDate,
};

function readList<T>(value: unknown, max: number, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > max) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

/** Null where there is none; undefined for what is no text that PostgreSQL can store. */
function readText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  const isText = typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
  return isText && value.isWellFormed() && !value.includes('\0') ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
