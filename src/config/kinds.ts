import { parseBytes, parseInteger, printBytes } from './numbers.ts';
import { maskPostgresUrl, parsePostgresUrl } from './postgres-url.ts';
import type { KindName, Variable } from './schema.ts';
import {
  parseAddressPatterns,
  parseApiKey,
  parseAuthority,
  parseHost,
  parseHttpUrl,
  parseNetworks,
  parseOrigin,
  parseParameter,
  parsePath,
  parseProductTokens,
  parseUnixSocket,
} from './texts.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

/** What is to be known of a kind of variables. */
export interface Kind {
  /** The value of a text, undefined when it is not of this kind. Bounds are the schema's matter. */
  parse(text: string, variable: Variable): unknown;
  /** Ends the sentence "…, allowed is". */
  allowed(variable: Variable): string;
  /** A text that `parse` reads as the same value; without it `String`. */
  print?(value: unknown): string;
  /** Shows a secret as far as it may be shown; without it not at all. */
  mask?(text: string): string;
}

export const KINDS: Readonly<Record<KindName, Kind>> = {
  integer: {
    parse: parseInteger,
    allowed: ({ unit, minimum, maximum }) => `a whole number ${unit ? `of ${unit} ` : ''}from ${minimum} to ${maximum}`,
  },
  bytes: {
    parse: parseBytes,
    allowed: ({ minimum, maximum }) =>
      `${printBytes(Number(minimum))} to ${printBytes(Number(maximum))}, as bytes or with a unit such as MiB or MB`,
    print: (value) => printBytes(Number(value)),
  },
  boolean: {
    parse: (text) => BOOLEANS.get(text.toLowerCase()),
    allowed: () => 'true, false, 1, 0, yes or no',
  },
  choice: {
    parse: (text, { choices = [] }) => choices.find((value) => String(value) === text.toLowerCase()),
    allowed: ({ choices = [] }) => `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
  },
  networks: {
    parse: parseNetworks,
    allowed: () => 'addresses and CIDR ranges separated by commas, or none',
    print: printList,
  },
  'address-patterns': {
    parse: parseAddressPatterns,
    allowed: () => 'addresses, CIDR ranges and IPv4 with `*` separated by commas, or none',
    print: printList,
  },
  'product-tokens': {
    parse: parseProductTokens,
    allowed: () => '*, or names of crawlers (letters, digits, - and _) separated by commas',
    print: printList,
  },
  authority: { parse: parseAuthority, allowed: () => 'host or host:port, without https://' },
  host: { parse: parseHost, allowed: () => 'an IP address or a host name' },
  'unix-socket': {
    parse: parseUnixSocket,
    allowed: () => 'unix: and an absolute path of at most 80 bytes',
    print: (value) => `unix:${value}`,
  },
  'postgres-url': {
    parse: parsePostgresUrl,
    allowed: () =>
      'postgres://user:password@host:5432/database, special characters in user and password percent-encoded',
    mask: maskPostgresUrl,
  },
  'http-url': { parse: parseHttpUrl, allowed: () => 'an absolute http or https URL without user and password' },
  origin: { parse: parseOrigin, allowed: () => '* or an origin such as https://admin.example.com' },
  'api-key': { parse: parseApiKey, allowed: () => '1 to 256 printable ASCII characters without blanks at the ends' },
  path: { parse: parsePath, allowed: () => 'a path' },
  parameter: { parse: parseParameter, allowed: () => 'a name of letters, digits, - and _' },
};

function printList(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.join(',') : 'none';
}
