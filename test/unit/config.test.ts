import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, describeConfig, type Environment, loadConfig, startedByNpm, withPort } from '../../src/config.ts';

const SERVER = { DATABASE_URL: 'postgres://hop:secret@db/hop', DEFAULT_DOMAIN: 's.test' };

const embedded = (environment: Environment = {}) => loadConfig(environment, { embedded: true });
const server = (environment: Environment = {}) => loadConfig({ ...SERVER, ...environment }, { embedded: false });

describe('defaults', () => {
  test('on the embedded database', () => {
    expect(embedded()).toEqual({
      DEFAULT_DOMAIN: 'localhost:3000',
      IS_HTTPS_ENABLED: false,
      HOST: '127.0.0.1',
      PORT: 3000,
      TRUSTED_PROXIES: ['127.0.0.0/8', '::1/128'],
      DATA_DIR: 'data',
      DATABASE_CONNECT_TIMEOUT_MS: 2000,
      DATABASE_PREPARE: true,
      POOL_LOOKUPS: 2,
      POOL_WRITES: 4,
      POOL_REPORTS: 2,
      WRITE_TIMEOUT_MS: 5000,
      REPORT_TIMEOUT_MS: 30_000,
      DATABASE_SERVER_TIMEOUTS: true,
      CHANGES_POLL_MS: 1000,
      REDIRECT_STATUS_CODE: 302,
      REDIRECT_CACHE_LIFETIME: 30,
      REDIRECT_CACHE_VISIBILITY: 'private',
      REDIRECT_EXTRA_PATH_MODE: 'default',
      SHORT_URL_TRAILING_SLASH: false,
      ROBOTS_ALLOW_ALL_SHORT_URLS: false,
      ROBOTS_USER_AGENTS: ['*'],
      DEFAULT_SHORT_CODES_LENGTH: 7,
      SHORT_URL_MODE: 'strict',
      MULTI_SEGMENT_SLUGS_ENABLED: false,
      ANONYMOUS_CREATE: true,
      CREATE_QUEUE_MAX: 10_000,
      BODY_MAX_BYTES: 1_048_576,
      CACHE_MAX_BYTES: 268_435_456,
      CACHE_TTL_S: 300,
      UNKNOWN_CODES_MAX: 100_000,
      LOOKUP_DEADLINE_MS: 250,
      LOOKUP_BATCHES_IN_FLIGHT: 2,
      LOOKUP_BATCH_MAX: 1000,
      LOOKUP_QUEUE_MAX: 20_000,
      DISABLE_TRACKING: false,
      TRACK_ORPHAN_VISITS: true,
      DISABLE_IP_TRACKING: false,
      DISABLE_REFERRER_TRACKING: false,
      DISABLE_UA_TRACKING: false,
      ANONYMIZE_REMOTE_ADDR: true,
      DISABLE_TRACKING_FROM: [],
      ORPHAN_VISITS_PER_SECOND: 100,
      JOURNAL_SYNC: 'interval',
      JOURNAL_MAX_BYTES: 1_073_741_824,
      JOURNAL_KEEP: 600,
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: 0,
      WEB_CONCURRENCY: 1,
      DRAIN_DELAY: 200,
      DRAIN_TIMEOUT: 7000,
      STUCK_TIMEOUT_MS: 10_000,
      CORS_ALLOW_ORIGIN: '*',
      RATE_LIMIT_UNKNOWN_CODES: 300,
      RATE_LIMIT_ANONYMOUS_CREATES: 60,
      RATE_LIMIT_INVALID_API_KEYS: 60,
      RATE_LIMIT_API_KEY: 0,
      LOG_LEVEL: 'info',
    });
  });

  test('on a database of its own', () => {
    const { HOST, ADMIN_PORT, IS_HTTPS_ENABLED, ANONYMOUS_CREATE, DEFAULT_DOMAIN, DATABASE_URL } = server();
    expect({ HOST, ADMIN_PORT, IS_HTTPS_ENABLED, ANONYMOUS_CREATE, DEFAULT_DOMAIN, DATABASE_URL }).toEqual({
      HOST: '0.0.0.0',
      ADMIN_PORT: 9464,
      IS_HTTPS_ENABLED: true,
      ANONYMOUS_CREATE: false,
      ...SERVER,
    });
  });

  test('stand in for empty values', () => {
    expect(embedded({ PORT: '', DATABASE_URL: '', INITIAL_API_KEY_FILE: '' })).toEqual(embedded());
  });

  test('give way to what is set', () => {
    expect(embedded({ HOST: '::', IS_HTTPS_ENABLED: 'true', ANONYMOUS_CREATE: 'false' })).toMatchObject({
      HOST: '::',
      IS_HTTPS_ENABLED: true,
      ANONYMOUS_CREATE: false,
    });
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.2', false],
    ['localhost.example.com', false],
  ])('anonymous creates on an embedded database with HOST=%s: %p', (HOST, allowed) => {
    expect(embedded({ HOST }).ANONYMOUS_CREATE).toBe(allowed);
    expect(server({ HOST }).ANONYMOUS_CREATE).toBe(false);
  });
});

describe('bounds', () => {
  const bounds: readonly [name: string, minimum: number, maximum: number, unit: string][] = [
    ['PORT', 0, 65_535, ''],
    ['DATABASE_CONNECT_TIMEOUT_MS', 100, 30_000, 'of milliseconds '],
    ['POOL_LOOKUPS', 1, 100, ''],
    ['POOL_WRITES', 1, 100, ''],
    ['POOL_REPORTS', 1, 100, ''],
    ['WRITE_TIMEOUT_MS', 100, 60_000, 'of milliseconds '],
    ['REPORT_TIMEOUT_MS', 1000, 600_000, 'of milliseconds '],
    ['CHANGES_POLL_MS', 100, 1500, 'of milliseconds '],
    ['REDIRECT_CACHE_LIFETIME', 0, 31_536_000, 'of seconds '],
    ['DEFAULT_SHORT_CODES_LENGTH', 4, 32, ''],
    ['CREATE_QUEUE_MAX', 1, 1_000_000, ''],
    ['CACHE_TTL_S', 1, 86_400, 'of seconds '],
    ['UNKNOWN_CODES_MAX', 1000, 10_000_000, ''],
    ['LOOKUP_DEADLINE_MS', 10, 10_000, 'of milliseconds '],
    ['LOOKUP_BATCHES_IN_FLIGHT', 1, 16, ''],
    ['LOOKUP_BATCH_MAX', 1, 10_000, ''],
    ['LOOKUP_QUEUE_MAX', 100, 1_000_000, ''],
  ];

  test.each(bounds)('%s goes from %i to %i', (name, minimum, maximum, unit) => {
    expect(embedded({ [name]: `${minimum}` })).toHaveProperty(name, minimum);
    expect(embedded({ [name]: `${maximum}` })).toHaveProperty(name, maximum);
    for (const text of [`${minimum - 1}`, `${maximum + 1}`, '1e3', '12 ', '0x10', '1.5', 'ten', '9'.repeat(40)]) {
      expect(problems({ [name]: text })).toEqual([
        `${name} is "${text}", allowed is a whole number ${unit}from ${minimum} to ${maximum}`,
      ]);
    }
  });

  test.each([
    ['BODY_MAX_BYTES', '64KiB', '64MiB', 65_535, 67_108_865],
    ['CACHE_MAX_BYTES', '1MiB', '64GiB', 1_048_575, 68_719_476_737],
  ])('%s goes from %s to %s', (name, minimum, maximum, below, above) => {
    expect(embedded({ [name]: minimum })).toHaveProperty(name, below + 1);
    expect(embedded({ [name]: maximum })).toHaveProperty(name, above - 1);
    for (const text of [`${below}`, `${above}`, '128M', '-1', '1.5MiB', 'MiB']) {
      expect(problems({ [name]: text })).toEqual([
        `${name} is "${text}", allowed is ${minimum} to ${maximum}, as bytes or with a unit such as MiB or MB`,
      ]);
    }
  });

  test.each([
    ['REDIRECT_STATUS_CODE', [301, 302, 307, 308], '301, 302, 307 or 308'],
    ['REDIRECT_CACHE_VISIBILITY', ['private', 'public'], 'private or public'],
    ['LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'debug, info, warn, error or silent'],
  ])('%s is one of %p', (name, values, allowed) => {
    for (const value of values) expect(embedded({ [name]: `${value}` })).toHaveProperty(name, value);
    expect(problems({ [name]: '303' })).toEqual([`${name} is "303", allowed is ${allowed}`]);
  });

  test.each(['IS_HTTPS_ENABLED', 'DATABASE_PREPARE', 'DATABASE_SERVER_TIMEOUTS', 'ANONYMOUS_CREATE'])(
    '%s is a boolean',
    (name) => {
      for (const text of ['true', 'TRUE', '1', 'yes']) expect(embedded({ [name]: text })).toHaveProperty(name, true);
      for (const text of ['false', 'False', '0', 'no']) expect(embedded({ [name]: text })).toHaveProperty(name, false);
      expect(problems({ [name]: 'on' })).toEqual([`${name} is "on", allowed is true, false, 1, 0, yes or no`]);
    },
  );

  test.each([
    ['HOST', 'http://x', 'an IP address or a host name'],
    ['DEFAULT_DOMAIN', 'https://s.test', 'host or host:port, without https://'],
    ['TRUSTED_PROXIES', '10/8', 'addresses and CIDR ranges separated by commas, or none'],
    ['DATA_DIR', 'a\0b', 'a path'],
    ['DEFAULT_BASE_URL_REDIRECT', 'example.com', 'an absolute http or https URL without user and password'],
    ['DEFAULT_INVALID_SHORT_URL_REDIRECT', '/x', 'an absolute http or https URL without user and password'],
    ['DEFAULT_REGULAR_404_REDIRECT', 'ftp://x', 'an absolute http or https URL without user and password'],
  ])('%s is not %p', (name, text, allowed) => {
    expect(problems({ [name]: text })).toEqual([`${name} is ${JSON.stringify(text)}, allowed is ${allowed}`]);
  });
});

describe('problems', () => {
  test('are all named at once', () => {
    const environment = { PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://hop:secret@db/hop' };
    expect(catchConfigError(() => loadConfig(environment, { embedded: false })).message).toBe(
      `The configuration has 4 problems:
DEFAULT_DOMAIN is not set and has no default, allowed is host or host:port, without https://
PORT is "x", allowed is a whole number from 0 to 65535
DATABASE_URL is "mysql://***", allowed is postgres://user:password@host:5432/database, special characters in user and password percent-encoded
LOG_LEVEL is "loud", allowed is debug, info, warn, error or silent`,
    );
  });

  test('never show a secret', () => {
    const environment = { DATABASE_URL: 'postgres://hop:se/cret@db/hop', INITIAL_API_KEY: 'schlüssel' };
    const { problems } = catchConfigError(() => loadConfig({ ...SERVER, ...environment }, { embedded: false }));
    expect(problems).toEqual([
      expect.stringContaining('DATABASE_URL is "postgres://***", allowed'),
      'INITIAL_API_KEY is "***", allowed is 1 to 256 printable ASCII characters without blanks at the ends',
    ]);
  });

  test('show only the beginning of a long text', () => {
    const text = 'x'.repeat(100);
    expect(problems({ LOG_LEVEL: `${text}yz` })[0]).toStartWith(`LOG_LEVEL is "${text}…", allowed`);
  });

  test('include a database beside the embedded one, unless the command itself names it', () => {
    const message =
      'DATABASE_URL is set, but this command runs on the embedded database, allowed is one of them: unset it, or use "hop serve" for your own PostgreSQL';
    const { DATABASE_URL } = SERVER;
    expect(problems({ DATABASE_URL })).toEqual([message]);
    expect(loadConfig({}, { embedded: true, overrides: { DATABASE_URL } }).DATABASE_URL).toBe(DATABASE_URL);
  });

  test('include one port for two purposes', () => {
    const message = 'ADMIN_PORT is the same as PORT, allowed is another one, or 0 for any free one';
    expect(problems({ PORT: '4000', ADMIN_PORT: '4000' })).toEqual([message]);
    const { problems: own } = catchConfigError(() => loadConfig({ ...SERVER, PORT: '9464' }, { embedded: false }));
    expect(own).toEqual([message]);
    expect(embedded({ PORT: '0', ADMIN_PORT: '0' }).ADMIN_PORT).toBe(0);
    expect(embedded({ PORT: '4000', ADMIN_PORT: '4000', LISTEN: 'unix:/run/hop' }).ADMIN_PORT).toBe(4000);
  });
});

describe('a secret in a file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hop-config-'));
    await writeFile(join(folder, 'key'), 'a-key-of-some-length\n');
    await writeFile(join(folder, 'empty'), '\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is read without its final newline', () => {
    expect(embedded({ INITIAL_API_KEY_FILE: join(folder, 'key') }).INITIAL_API_KEY).toBe('a-key-of-some-length');
  });

  test('does for a required one', async () => {
    await writeFile(join(folder, 'url'), 'postgres://db/hop');
    expect(server({ DATABASE_URL: '', DATABASE_URL_FILE: join(folder, 'url') }).DATABASE_URL).toBe('postgres://db/hop');
  });

  test('is not allowed beside the variable itself', () => {
    const environment = { INITIAL_API_KEY: 'a-key-of-some-length', INITIAL_API_KEY_FILE: join(folder, 'key') };
    expect(problems(environment)).toEqual([
      'INITIAL_API_KEY and INITIAL_API_KEY_FILE are both set, allowed is one of them',
    ]);
  });

  test('must be there and not empty', () => {
    const missing = join(folder, 'missing');
    expect(problems({ INITIAL_API_KEY_FILE: missing })).toEqual([
      `INITIAL_API_KEY_FILE is "${missing}", which cannot be read (ENOENT)`,
    ]);
    const empty = join(folder, 'empty');
    expect(problems({ INITIAL_API_KEY_FILE: empty })).toEqual([`INITIAL_API_KEY_FILE is "${empty}", which is empty`]);
  });

  test('is for secrets only', () => {
    expect(embedded({ PORT_FILE: join(folder, 'key') }).PORT).toBe(3000);
  });

  test('is shown as coming from there', () => {
    const environment = { INITIAL_API_KEY_FILE: join(folder, 'key') };
    expect(describeConfig(embedded(environment), environment)).toContainEqual({
      name: 'INITIAL_API_KEY',
      value: '***',
      source: 'file',
    });
  });
});

test('the description has every variable, its source and no password', () => {
  const environment = { ...SERVER, CACHE_MAX_BYTES: '67108864', TRUSTED_PROXIES: 'none' };
  const overrides = { PORT: '80' };
  const config = loadConfig(environment, { embedded: false, overrides });
  const settings = new Map(describeConfig(config, environment, overrides).map((setting) => [setting.name, setting]));
  expect(settings.get('DATABASE_URL')).toMatchObject({ value: 'postgres://hop:***@db/hop', source: 'environment' });
  expect(settings.get('PORT')).toMatchObject({ value: '80', source: 'flag' });
  expect(settings.get('CACHE_MAX_BYTES')).toMatchObject({ value: '64MiB', source: 'environment' });
  expect(settings.get('TRUSTED_PROXIES')).toMatchObject({ value: 'none' });
  expect(settings.get('HOST')).toMatchObject({ value: '0.0.0.0', source: 'default' });
  expect(settings.get('INITIAL_API_KEY')).toMatchObject({ value: undefined, source: 'default' });
  expect(settings.size).toBeGreaterThanOrEqual(Object.keys(config).length);
});

test('the default domain has the form of a Host header', () => {
  const domain = (DEFAULT_DOMAIN: string, IS_HTTPS_ENABLED: string) =>
    server({ DEFAULT_DOMAIN, IS_HTTPS_ENABLED }).DEFAULT_DOMAIN;
  expect(domain('S.Test', 'true')).toBe('s.test');
  expect(domain('s.test:443', 'true')).toBe('s.test');
  expect(domain('s.test:443', 'false')).toBe('s.test:443');
  expect(domain('s.test:80', 'false')).toBe('s.test');
  expect(domain('bücher.example:8080', 'true')).toBe('xn--bcher-kva.example:8080');
  expect(domain('[2001:DB8::1]:8080', 'true')).toBe('[2001:db8::1]:8080');
  expect(embedded({ PORT: '80' }).DEFAULT_DOMAIN).toBe('localhost');
});

test('a port chosen by the system becomes part of the default domain, if that is localhost by default', () => {
  expect(withPort(embedded({ PORT: '0' }), 4711)).toMatchObject({ PORT: 4711, DEFAULT_DOMAIN: 'localhost:4711' });
  expect(withPort(server({ PORT: '0' }), 4711)).toMatchObject({ PORT: 4711, DEFAULT_DOMAIN: 's.test' });
});

test('the configuration cannot be changed', () => {
  expect(Object.isFrozen(embedded())).toBe(true);
});

test('a start by npm is told from one by bun or by hand', () => {
  expect(startedByNpm({ npm_lifecycle_event: 'start', npm_config_user_agent: 'npm/11.19.1 node/v26' })).toBe(true);
  expect(startedByNpm({ npm_lifecycle_event: 'start', npm_config_user_agent: 'bun/1.4.5 npm/?' })).toBe(false);
  expect(startedByNpm({})).toBe(false);
});

function problems(environment: Environment): readonly string[] {
  return catchConfigError(() => embedded(environment)).problems;
}

function catchConfigError(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('There is no ConfigError');
}
