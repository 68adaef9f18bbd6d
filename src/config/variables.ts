import { type Static, Type } from '@sinclair/typebox';
import { LOG_LEVELS } from '../observability/log.ts';
import { caching } from './caching-variables.ts';
import { creating } from './creating-variables.ts';
import { database } from './database-variables.ts';
import { processes } from './process-variables.ts';
import { redirects } from './redirect-variables.ts';
import { boolean, choice, integer, networks, text, type Variable } from './schema.ts';
import { visits } from './visit-variables.ts';

// Names are Shlink's where the meaning is the same, so that a deployment can keep its environment.

const addresses = {
  DEFAULT_DOMAIN: Type.Optional(
    text('authority', {
      derived: '`localhost:PORT` when embedded, else required',
      description: 'Domain of the short URLs that belong to no other domain, with its port if it is not the usual one.',
    }),
  ),
  IS_HTTPS_ENABLED: Type.Optional(
    boolean({
      derived: '`false` when embedded, else `true`',
      description: 'Whether short URLs are handed out as https.',
    }),
  ),
  HOST: Type.Optional(
    text('host', {
      derived: '`127.0.0.1` when embedded, else `0.0.0.0`',
      description: 'Address to listen on.',
    }),
  ),
  PORT: integer({
    default: 3000,
    minimum: 0,
    maximum: 65_535,
    description: 'Port to listen on; 0 takes any free one.',
  }),
  LISTEN: Type.Optional(
    text('unix-socket', {
      derived: '`HOST` and `PORT`',
      description:
        'Unix sockets to listen on instead of a port, for a reverse proxy on the same machine: one per web process, named by the path and `.1`, `.2`…',
    }),
  ),
  ADMIN_HOST: text('host', {
    default: '127.0.0.1',
    description:
      "Address of the port for metrics and health, which are nobody else's business: loopback, or one that only your monitoring reaches.",
  }),
  ADMIN_PORT: Type.Optional(
    integer({
      derived: '`0` when embedded, else `9464`',
      minimum: 0,
      maximum: 65_535,
      description: 'Port for metrics and health; 0 takes any free one, which the log names.',
    }),
  ),
  TRUSTED_PROXIES: networks({
    default: ['127.0.0.0/8', '::1/128'],
    description: 'Proxies whose `X-Forwarded-For` is believed.',
  }),
};

const rateLimits = {
  RATE_LIMIT_UNKNOWN_CODES: rateLimit(300, 'Requests of a visitor for short codes that do not exist'),
  RATE_LIMIT_ANONYMOUS_CREATES: rateLimit(60, 'Creates of a visitor without an API key'),
  RATE_LIMIT_INVALID_API_KEYS: rateLimit(60, 'Requests of a visitor with invalid API keys'),
  RATE_LIMIT_API_KEY: rateLimit(0, 'Requests with the same API key'),
};

const operation = {
  CORS_ALLOW_ORIGIN: text('origin', {
    default: '*',
    description:
      'Whose web pages may use the REST API: `*` for all, or one origin such as `https://admin.example.com`.',
  }),
  LOG_LEVEL: choice(LOG_LEVELS, { default: 'info', description: 'Least severe messages to log.' }),
};

/** The variables by section of the README, in its order. */
export const SECTIONS = {
  Addresses: addresses,
  Database: database,
  Redirects: redirects,
  'Creating short URLs': creating,
  'Memory and lookups': caching,
  Visits: visits,
  'Rate limits': rateLimits,
  Processes: processes,
  Operation: operation,
};

/** What the environment may say. Keys are the names of the variables. */
export const VariablesSchema = Type.Object({
  ...addresses,
  ...database,
  ...redirects,
  ...creating,
  ...caching,
  ...visits,
  ...rateLimits,
  ...processes,
  ...operation,
});

/** The variables as given or by default; those whose default depends on others may be missing. */
export type Variables = Static<typeof VariablesSchema>;
export type VariableName = keyof Variables;

export const VARIABLE_NAMES = Object.keys(VariablesSchema.properties) as VariableName[];

/** What is to be known of a variable: how it is read, its default, bounds and description. */
export function variable(name: VariableName): Variable {
  return VariablesSchema.properties[name];
}

function rateLimit(perMinute: number, what: string) {
  const description = `${what} that a process answers in a minute; 0 for any number.`;
  return integer({ default: perMinute, minimum: 0, maximum: 1_000_000, description });
}
