import { parseIsoDate } from '../lib/iso-date.ts';
import { locationOf } from '../lib/location.ts';
import { parseAddressPattern } from './address-pattern.ts';
import { isInLanguageRange, normaliseLanguage } from './languages.ts';
import type { Visitor } from './visitor.ts';

export const CONDITION_TYPES = [
  'device',
  'language',
  'query-param',
  'any-value-query-param',
  'valueless-query-param',
  'ip-address',
  'geolocation-country-code',
  'geolocation-city-name',
  'before-date',
  'after-date',
  'browser',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

/** A condition as it is stored and as REST API v3 has it. */
export interface ConditionRow {
  readonly type: ConditionType;
  readonly matchKey: string | null;
  readonly matchValue: string | null;
}

/** A rule as it is stored: where to lead a visitor who meets all conditions. */
export interface RuleRow {
  readonly longUrl: string;
  readonly conditions: readonly ConditionRow[];
}

type Condition = (visitor: Visitor) => boolean;

interface Rule {
  /** The target as a Location. */
  readonly location: string;
  readonly conditions: readonly Condition[];
}

/** The rules of a link, compiled when it is loaded. */
export interface Rules {
  /** In order of priority. */
  readonly list: readonly Rule[];
  /** The request's header fields that decide, for `Vary`; empty when none does. */
  readonly vary: string;
  /** Whether the same request leads elsewhere at another time or from another place, so that no answer may be kept. */
  readonly areFleeting: boolean;
  /** About what they take in memory. */
  readonly bytes: number;
}

const RULE_BYTES = 200;
const CONDITION_BYTES = 400;

/** Null for no rules. */
export function compileRules(rows: readonly RuleRow[] | null): Rules | null {
  if (rows === null || rows.length === 0) return null;
  const all = rows.flatMap(({ conditions }) => conditions);
  const types = new Set(all.map(({ type }) => type));
  const texts = rows.reduce((sum, { longUrl }) => sum + longUrl.length, 0);
  return {
    list: rows.map(({ longUrl, conditions }) => ({
      location: locationOf(longUrl),
      conditions: conditions.map(compileCondition),
    })),
    vary: [...new Set([...types].map((type) => HEADERS.get(type)).filter((name) => name !== undefined))].join(', '),
    areFleeting: [...types].some((type) => FLEETING.has(type)),
    bytes: RULE_BYTES * rows.length + CONDITION_BYTES * all.length + texts,
  };
}

/** The target of the first rule whose conditions are all met; undefined when there is none. */
export function ruledLocation({ list }: Rules, visitor: Visitor): string | undefined {
  return list.find(({ conditions }) => conditions.every((isMet) => isMet(visitor)))?.location;
}

const HEADERS: ReadonlyMap<ConditionType, string> = new Map([
  ['device', 'user-agent'],
  ['browser', 'user-agent'],
  ['language', 'accept-language'],
]);

const FLEETING: ReadonlySet<ConditionType> = new Set([
  'ip-address',
  'geolocation-country-code',
  'geolocation-city-name',
  'before-date',
  'after-date',
]);

const DEVICE_GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['mobile', ['android', 'ios']],
  ['desktop', ['windows', 'macos', 'linux', 'chromeos']],
]);

const NEVER: Condition = () => false;

/** Of a type that only a newer version knows, or with a value that is none: never met. */
function compileCondition({ type, matchKey, matchValue }: ConditionRow): Condition {
  const key = matchKey ?? '';
  const value = matchValue ?? '';
  return (Object.hasOwn(CONDITIONS, type) && CONDITIONS[type](value, key)) || NEVER;
}

/** How conditions of a type are compiled; undefined for a value that is none. */
const CONDITIONS: Readonly<Record<ConditionType, (value: string, key: string) => Condition | undefined>> = {
  device(value) {
    const systems = DEVICE_GROUPS.get(value) ?? [value];
    return ({ agent }) => systems.includes(agent.os);
  },
  browser: (value) => (visitor) => visitor.agent.browser === value,
  language(value) {
    const range = normaliseLanguage(value);
    return ({ languages }) => languages.some((language) => isInLanguageRange(language, range));
  },
  'query-param': (value, key) => (visitor) => visitor.parameters.get(key) === value,
  'any-value-query-param': (_, key) => (visitor) => visitor.parameters.has(key),
  'valueless-query-param': (_, key) => (visitor) => visitor.parameters.get(key) === '',
  'ip-address'(value) {
    const isWanted = parseAddressPattern(value);
    return isWanted && (({ address }) => address !== undefined && isWanted(address));
  },
  'geolocation-country-code'(value) {
    const code = value.toUpperCase();
    return ({ place }) => place.country?.toUpperCase() === code;
  },
  'geolocation-city-name'(value) {
    const name = value.toLowerCase();
    return ({ place }) => place.city?.toLowerCase() === name;
  },
  'before-date'(value) {
    const timeMs = parseIsoDate(value)?.getTime();
    return timeMs === undefined ? undefined : ({ nowMs }) => nowMs < timeMs;
  },
  'after-date'(value) {
    const timeMs = parseIsoDate(value)?.getTime();
    return timeMs === undefined ? undefined : ({ nowMs }) => nowMs > timeMs;
  },
};
