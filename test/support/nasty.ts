/** Texts for anything that is text, among them what ends headers, queries, records, quotes and paths. */
export const NASTY_TEXTS: readonly string[] = [
  ...[
    '\0',
    'a\0b',
    '\r\nSet-Cookie: a=b',
    '\n',
    '\t',
    '\x1b[31m',
    '\x7f',
    '\x85',
    '\u2028',
    '\u202eabc',
    '\ufeff',
    '\uffff',
  ],
  ...['\ud800', 'a\udc00b', '\u{1f468}\u200d\u{1f469}', 'e\u0301', 'İ', 'ﬃ', '😀'.repeat(300), 'x'.repeat(5_000)],
  ...["'", "' or 1=1 --", '"', '\\', '$$', '$1', '%', '%%', '_', '%00', '%2F', '%ZZ', '%c0%af', '{a,b}', '{"a":1}'],
  ...[
    '..',
    '.',
    '/',
    '../../etc/passwd',
    '//evil.test',
    '<script>alert(1)</script>',
    '\x24{jndi:ldap://e}',
    '*',
    ':',
    '?',
    '#',
  ],
  ...[
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'undefined',
    'null',
    'NaN',
    'true',
    '-0',
    '-1',
    '0',
    '1.5',
    '1e309',
  ],
  ...['9007199254740993', '2147483648', '99999999999999999999', '0x10', '٣', ' 1', '10001', '2024-02-30', '0000-01-01'],
  ...[
    '9999-12-31T23:59:59-14:00',
    '+275760-09-13T00:00:00Z',
    '2024-01-01T00:00:60Z',
    'infinity',
    'now',
    'DEFAULT',
    'hop.test',
  ],
];

/** Escapes as they are sent in paths and queries. */
export const RAW_ESCAPES: readonly string[] =
  `%00 %2F %2f..%2f %5C %ZZ % %C0%AF %E0%80%AF %ED%A0%80 %FF %FE%FF %0D%0Ax:y %0A
  %25 %2500 %u0041 %F4%90%80%80 %EF%BF%BD %20 + %2B %3F %23 %26 %3D %5B%5D [ ] a%00b %E2%80%AE`.split(/\s+/);

/** Values of all kinds for fields of JSON. */
export const NASTY_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, -0, 1e308, 2 ** 31, 2 ** 53 + 2, 1e21, Number.MIN_VALUE],
  ...[
    '',
    ' ',
    [],
    {},
    [[[[]]]],
    [null],
    [{}],
    [''],
    [0],
    { length: 1 },
    { toString: 'x' },
    JSON.parse('{"then":true}'),
  ],
  ...[JSON.parse('{"__proto__":{"polluted":true}}'), { constructor: { prototype: { polluted: true } } }, { $ne: null }],
  ...[Array.from({ length: 2_000 }, () => 0), Array.from({ length: 2_000 }, (_, at) => `t${at}`), ['\0'], ['\ud800']],
  ...NASTY_TEXTS,
];

/** What must not be stored where visitors are sent to: it runs code, reads their files, or hides the host. */
export const BAD_URLS: readonly string[] = [
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' \tjavascript:alert(1)',
    'java\nscript:alert(1)',
    'java\tscript:x',
  ],
  ...['\x01javascript:alert(1)', 'javascript://e.test/%0aalert(1)', 'data:text/html,<script>1</script>', 'vbscript:x'],
  ...[
    'file:///etc/passwd',
    'blob:https://e.test/1',
    'about:blank',
    'view-source:https://e.test',
    'filesystem:http://e.test/x',
  ],
  ...[
    'https://user:password@e.test/',
    'https://e.test@evil.test/',
    'https:///x',
    'https://',
    'https:e.test',
    'http:\\\\e.test',
  ],
  ...[
    'https://e.test\\@evil.test',
    '//e.test/x',
    '/x',
    'https://a b/',
    'https://e.test:99999/',
    'https://[::1',
    'https://%00/',
  ],
  ...['https://e.test/\0', 'https://e.test/\r\nSet-Cookie: a=b', 'https://e.test/\ud800', 'https://hop.test/abc'],
  ...[`https://e.test/${'x'.repeat(8192)}`, '\0', '%', 'null'],
];

/** Bodies that are no object, or none that anybody could want. */
export const NASTY_BODIES: readonly string[] = [
  ...[
    'null',
    'true',
    '0',
    '"x"',
    '[1]',
    '[[]]',
    '{',
    '{"a":',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '\0',
    '\ufeff{}',
    'a=b',
  ],
  ...[
    '{"__proto__":{"longUrl":"https://e.test/"}}',
    '{"constructor":{"prototype":{"a":1}}}',
    '{"":""}',
    '{"a":1}{"b":2}',
  ],
  ...[
    '['.repeat(20_000),
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  ],
  ...[
    `{"a":"${'\\u0000'.repeat(1_000)}"}`,
    '{"a":"\\ud800"}',
    `{${'"a":1,'.repeat(2_000)}"b":1}`,
    `{"a":1e${'9'.repeat(1_000)}}`,
  ],
];
