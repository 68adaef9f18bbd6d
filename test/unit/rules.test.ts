import { describe, expect, test } from 'bun:test';
import { parseAddress } from '../../src/redirect/address-pattern.ts';
import { type ConditionRow, type ConditionType, compileRules, ruledLocation } from '../../src/redirect/rules.ts';
import { type Agent, NOWHERE, type Place, Visitor } from '../../src/redirect/visitor.ts';

interface Told {
  readonly query?: string;
  readonly language?: string;
  readonly agent?: Partial<Agent>;
  readonly address?: string;
  readonly place?: Partial<Place>;
  readonly nowMs?: number;
}

function visitor({ query = '', language, agent, address, place, nowMs = 0 }: Told): Visitor {
  const request = new Request('http://hop.test/', {
    headers: language === undefined ? {} : { 'accept-language': language },
  });
  const facts = {
    agentOf: () => ({ os: '', browser: '', ...agent }),
    addressOf: () => (address === undefined ? undefined : parseAddress(address)),
    placeOf: () => ({ ...NOWHERE, ...place }),
  };
  return new Visitor(request, query, facts, nowMs);
}

const condition = (type: ConditionType, matchValue: string | null, matchKey: string | null = null): ConditionRow => ({
  type,
  matchKey,
  matchValue,
});

function isMet(row: ConditionRow, told: Told): boolean {
  const rules = compileRules([{ longUrl: 'https://example.com/', conditions: [row] }]);
  if (rules === null) throw new Error('no rules');
  return ruledLocation(rules, visitor(told)) !== undefined;
}

const noon = Date.UTC(2026, 0, 1, 12);

const cases: readonly [row: ConditionRow, told: Told, isMet: boolean][] = [
  [condition('device', 'android'), { agent: { os: 'android' } }, true],
  [condition('device', 'android'), { agent: { os: 'ios' } }, false],
  [condition('device', 'mobile'), { agent: { os: 'ios' } }, true],
  [condition('device', 'mobile'), { agent: { os: 'windows' } }, false],
  [condition('device', 'desktop'), { agent: { os: 'chromeos' } }, true],
  [condition('device', 'desktop'), { agent: { os: 'android' } }, false],
  [condition('device', 'desktop'), {}, false],
  [condition('browser', 'android_browser'), { agent: { browser: 'android_browser' } }, true],
  [condition('browser', 'chrome'), { agent: { browser: 'edge' } }, false],

  [condition('language', 'en'), {}, false],
  [condition('language', 'en'), { language: '' }, false],
  [condition('language', 'en'), { language: '*' }, false],
  [condition('language', 'en'), { language: 'en' }, true],
  [condition('language', 'en'), { language: 'es, en,fr' }, true],
  [condition('language', 'EN'), { language: 'es, en-US,fr' }, true],
  [condition('language', 'es-ES'), { language: 'es_ES' }, true],
  [condition('language', 'es-ES'), { language: 'en-US,es-ES;q=0.6' }, false],
  [condition('language', 'es-ES'), { language: 'en-US,es-ES; q=0.9' }, true],
  [condition('language', 'es-ES'), { language: 'en-US,es-ES;Q=0.899' }, false],
  [condition('language', 'en-gb'), { language: 'en-GB' }, true],
  [condition('language', 'en-gb'), { language: 'en-US' }, false],
  [condition('language', 'en'), { language: 'en-UK' }, true],
  [condition('language', 'en'), { language: 'eng' }, false],
  [condition('language', 'fr-FR'), { language: 'fr' }, false],

  [condition('query-param', 'bar', 'foo'), { query: 'foo=bar' }, true],
  [condition('query-param', 'bar', 'foo'), { query: 'a=b&foo=no&foo=bar' }, true],
  [condition('query-param', 'bar', 'foo'), { query: 'foo=bar&foo=no' }, false],
  [condition('query-param', 'a b', 'é'), { query: '%C3%A9=a+b' }, true],
  [condition('query-param', '', 'foo'), { query: '' }, false],
  [condition('query-param', null, 'foo'), { query: 'foo' }, true],
  [condition('any-value-query-param', null, 'foo'), { query: 'foo' }, true],
  [condition('any-value-query-param', null, 'foo'), { query: 'foo=1' }, true],
  [condition('any-value-query-param', null, 'foo'), { query: 'bar=1' }, false],
  [condition('valueless-query-param', null, 'foo'), { query: 'foo' }, true],
  [condition('valueless-query-param', null, 'foo'), { query: 'foo=' }, true],
  [condition('valueless-query-param', null, 'foo'), { query: 'foo=1' }, false],
  [condition('valueless-query-param', null, 'foo'), {}, false],

  [condition('ip-address', '1.2.3.4'), {}, false],
  [condition('ip-address', '1.2.3.4'), { address: '1.2.3.4' }, true],
  [condition('ip-address', '1.2.3.4'), { address: '::ffff:1.2.3.4' }, true],
  [condition('ip-address', '1.2.3.4'), { address: '4.3.2.1' }, false],
  [condition('ip-address', '192.168.1.0/24'), { address: '192.168.1.35' }, true],
  [condition('ip-address', '192.168.1.0/24'), { address: '192.168.2.35' }, false],
  [condition('ip-address', '192.168.1.0/24'), { address: '2001:db8::1' }, false],
  [condition('ip-address', '1.2.*.4'), { address: '1.2.200.4' }, true],
  [condition('ip-address', '1.2.*.4'), { address: '1.2.200.5' }, false],
  [condition('ip-address', '*.*.*.*'), { address: '2001:db8::1' }, false],
  [condition('ip-address', '2001:DB8:0::1'), { address: '2001:db8::1' }, true],
  [condition('ip-address', '2001:db8::/32'), { address: '2001:db8:1::1' }, true],
  [condition('ip-address', 'nonsense'), { address: '1.2.3.4' }, false],

  [condition('geolocation-country-code', 'de'), { address: '1.2.3.4', place: { country: 'DE' } }, true],
  [condition('geolocation-country-code', 'DE'), { address: '1.2.3.4', place: { country: 'FR' } }, false],
  [condition('geolocation-country-code', 'DE'), { address: '1.2.3.4' }, false],
  [condition('geolocation-country-code', 'DE'), { place: { country: 'DE' } }, false],
  [condition('geolocation-city-name', 'new york'), { address: '1.2.3.4', place: { city: 'New York' } }, true],
  [condition('geolocation-city-name', 'New York'), { address: '1.2.3.4' }, false],

  [condition('before-date', '2026-01-01T12:00:01Z'), { nowMs: noon }, true],
  [condition('before-date', '2026-01-01T12:00:00Z'), { nowMs: noon }, false],
  [condition('after-date', '2026-01-01T12:59:59+01:00'), { nowMs: noon }, true],
  [condition('after-date', '2026-01-01T12:00:00Z'), { nowMs: noon }, false],
  [condition('after-date', 'yesterday'), { nowMs: noon }, false],

  [{ ...condition('device', 'x'), type: 'constructor' as ConditionType }, {}, false],
  [{ ...condition('device', 'x'), type: 'of a newer version' as ConditionType }, {}, false],
];

describe('a condition', () => {
  test.each(cases)('%j, visited by %j: %p', (row, told, expected) => {
    expect(isMet(row, told)).toBe(expected);
  });
});

describe('rules', () => {
  const rules = compileRules([
    {
      longUrl: 'https://example.com/both',
      conditions: [condition('language', 'en'), condition('query-param', '1', 'a')],
    },
    { longUrl: 'https://example.com/é', conditions: [condition('language', 'en')] },
    { longUrl: 'https://example.com/never', conditions: [condition('language', 'en')] },
  ]);

  test.each<[Told, string | undefined]>([
    [{ language: 'en', query: 'a=1' }, 'https://example.com/both'],
    [{ language: 'en' }, 'https://example.com/%C3%A9'],
    [{ query: 'a=1' }, undefined],
  ])('lead %j to %p', (told, location) => {
    expect(rules && ruledLocation(rules, visitor(told))).toBe(location);
  });

  test('tell which headers decide, and whether an answer may be kept', () => {
    expect(rules).toMatchObject({ vary: 'accept-language', areFleeting: false });
    const rest = compileRules([
      {
        longUrl: 'https://example.com/',
        conditions: [condition('device', 'ios'), condition('browser', 'safari'), condition('ip-address', '1.2.3.4')],
      },
    ]);
    expect(rest).toMatchObject({ vary: 'user-agent', areFleeting: true });
  });

  test('that are none cost nothing', () => {
    expect(compileRules(null)).toBeNull();
    expect(compileRules([])).toBeNull();
  });

  test('look at nothing twice', () => {
    let looks = 0;
    const facts = {
      agentOf: () => {
        looks++;
        return { os: '', browser: '' };
      },
      addressOf: () => {
        looks++;
        return undefined;
      },
      placeOf: () => NOWHERE,
    };
    const types = ['device', 'browser', 'ip-address', 'geolocation-country-code'] as const;
    const many = compileRules(
      types.flatMap((type) => [1, 2].map(() => ({ longUrl: 'a:b', conditions: [condition(type, '1.2.3.4')] }))),
    );
    expect(many && ruledLocation(many, new Visitor(new Request('http://hop.test/'), '', facts, 0))).toBeUndefined();
    expect(looks).toBe(2);
  });
});
