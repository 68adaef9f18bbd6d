import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { KINDS } from '../../src/config/kinds.ts';
import { maskPostgresUrl } from '../../src/config/postgres-url.ts';
import { VARIABLE_NAMES, variable } from '../../src/config/variables.ts';
import { ConfigError, describeConfig, loadConfig } from '../../src/config.ts';
import { anyText, holds } from '../support/property.ts';

const NEEDED = { DATABASE_URL: 'postgres://hop:hop@localhost/hop', DEFAULT_DOMAIN: 'hop.test' };
const name = fc.constantFrom(...VARIABLE_NAMES);
/** Values of all kinds; for most variables, most of them are wrong. */
const VALUES =
  `0 1 010 -1 1.5 1e3 70000 9007199254740993 1MiB 64M 5gb 0B true YES no 302 public none 10.0.0.0/8 10.0.0.0/33
  ::/0 10.1 1.2.*.* * a,b hop.test HOP.test:8080 bücher.test a:0 [::1] 127.0.0.1 0x7f.1 unix:/run/hop.sock unix:x unix:/a/
  https://e.test/x http://u:p@e.test javascript:alert(1) https://e.test/é postgres://u:p@h:5432/d postgres:///d?host=/s
  postgres://h:0/d postgres://u:%zz@h/d debug /data x_y-z`.split(/\s+/);
const text = fc.oneof(fc.constantFrom(...VALUES), anyText);

test('any text of any variable makes a configuration, or an error that names the variable', () => {
  holds(fc.dictionary(name, text, { maxKeys: 4 }), (given) => {
    const environment = { ...NEEDED, ...given };
    try {
      const config = loadConfig(environment, { embedded: false });
      for (const { value } of describeConfig(config, environment))
        expect(['string', 'undefined']).toContain(typeof value);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const named = Object.keys(environment).filter((key) => error.message.includes(`${key} is `));
      expect(named.length).toBeGreaterThan(0);
    }
  });
});

test('what a variable is printed as is read as the same value', () => {
  holds(name, text, (asked, given) => {
    const { parse, print = String } = KINDS[variable(asked).kind];
    const value = parse(given, variable(asked));
    if (value !== undefined) expect(parse(print(value), variable(asked))).toEqual(value);
  });
});

const SECRETS = VARIABLE_NAMES.filter((each) => variable(each).secret);
/** Long enough not to stand in a message by chance. */
const password = fc.stringMatching(/^[a-zA-Z0-9!$&'()*+,;=._~-]{12,20}$/);
const broken = fc.constantFrom('', '&', ' ', '@', '/', '#', '%zz', '\0', '\r\n', 'é', '?password=');

test('no error and no description of a configuration tells a secret', () => {
  holds(fc.constantFrom(...SECRETS), password, broken, broken, (asked, secret, before, after) => {
    const texts = [
      secret,
      `postgres://u:${before}${secret}${after}@h/d`,
      `postgres://h/d?password=${before}${secret}${after}`,
    ];
    for (const given of texts) expect(told({ ...NEEDED, [asked]: given })).not.toContain(secret);
  });
});

function told(environment: Record<string, string>): string {
  try {
    return JSON.stringify(describeConfig(loadConfig(environment, { embedded: false }), environment));
  } catch (error) {
    return String(error);
  }
}

test('a database URL without its password is still the same URL otherwise', () => {
  holds(password, fc.constantFrom('h', 'h:5432', 'a,b:1', '[::1]', ''), (secret, hosts) => {
    const urlOf = (shown: string) =>
      `postgres://u:${shown}@${hosts}/d?sslmode=require&sslpassword=${encodeURIComponent(shown)}`;
    expect(maskPostgresUrl(urlOf(secret))).toBe(urlOf('***'));
  });
});
