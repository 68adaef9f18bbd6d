import { expect, test } from 'bun:test';
import { parseUserAgent } from '../../src/lib/user-agent.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const IOS = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

const KNOWN: readonly [header: string, device: string, os: string, browser: string][] = [
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36`,
    'mobile',
    'android',
    'chrome',
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36 EdgA/120`,
    'mobile',
    'android',
    'edge',
  ],
  [
    'Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30',
    'mobile',
    'android',
    'android_browser',
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) ${IOS} Version/17.2 Mobile/15E148 Safari/604.1`,
    'mobile',
    'ios',
    'safari',
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) ${IOS} Version/17.2 Mobile/15E148 Safari/604.1`,
    'mobile',
    'ios',
    'safari',
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) ${IOS} FxiOS/120.0 Mobile/15E148 Safari/604.1`,
    'mobile',
    'ios',
    'firefox',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0`,
    'desktop',
    'windows',
    'edge',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0`,
    'desktop',
    'windows',
    'opera',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.2; rv:121.0) Gecko/20100101 Firefox/121.0',
    'desktop',
    'macos',
    'firefox',
  ],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0', 'desktop', 'linux', 'firefox'],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36`,
    'desktop',
    'chromeos',
    'chrome',
  ],
];

test('the usual browsers are named by the words of redirect rules', () => {
  for (const [header, device, os, browser] of KNOWN)
    expect(parseUserAgent(header)).toEqual({ isBot: false, device, os, browser });
});

test('what fetches by itself is a bot', () => {
  for (const header of ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'curl/8.5.0'])
    expect(parseUserAgent(header).isBot).toBeTrue();
});

test('anything else is unknown, and no word holds what headers may hold', () => {
  const odd = [
    '',
    ' ',
    '/',
    '((((',
    'x'.repeat(2048),
    '\u{1f4a9} (;;;',
    '<b>\t/1.0 (x)',
    `${'y'.repeat(60)}/1 (z)`,
    '\0',
  ];
  for (const header of odd) {
    const { isBot: _, ...words } = parseUserAgent(header);
    for (const word of Object.values(words)) expect(word).toMatch(/^([a-z][a-z0-9 ._+-]*)?$/);
  }
});
