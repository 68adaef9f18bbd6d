import { type Static, Type } from '@sinclair/typebox';
import { LOG_LEVELS } from '../observability/log.ts';
import { processes } from './process-variables.ts';
import { redirects } from './redirect-variables.ts';
import { boolean, bytes, choice, integer, milliseconds, networks, seconds, text, type Variable } from './schema.ts';
import { visits } from './visit-variables.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

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

const database = {
  DATABASE_URL: Type.Optional(
    text('postgres-url', {
      secret: true,
      derived: 'required, unless embedded',
      description: 'PostgreSQL 15 or later. `?host=/directory` names a unix socket, commas separate several hosts.',
    }),
  ),
  DATA_DIR: text('path', {
    default: 'data',
    description: 'Folder for what this installation keeps on disk, such as the embedded database.',
  }),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds({
    default: 2000,
    minimum: 100,
    maximum: 30_000,
    description: 'Time to open a connection.',
  }),
  DATABASE_PREPARE: boolean({
    default: true,
    description: 'Prepared statements; set `false` behind PgBouncer before 1.21.',
  }),
  POOL_LOOKUPS: pool(2, 'Connections of a process for redirects that miss the cache.'),
  POOL_WRITES: pool(4, 'Connections of a process for creating and editing.'),
  POOL_REPORTS: pool(2, 'Connections of a process for lists and statistics.'),
  WRITE_TIMEOUT_MS: milliseconds({
    default: 5000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time a write may take before it is given up.',
  }),
  REPORT_TIMEOUT_MS: milliseconds({
    default: 30_000,
    minimum: 1000,
    maximum: 600_000,
    description: 'Time a list or a statistic may take before it is given up.',
  }),
  DATABASE_SERVER_TIMEOUTS: boolean({
    default: true,
    description:
      'Whether connections set `statement_timeout`; set `false` behind a PgBouncer that refuses start-up parameters, and set it for the role.',
  }),
  CHANGES_POLL_MS: milliseconds({
    default: 1000,
    minimum: 100,
    // An edit must reach every process within 2 s, also without NOTIFY.
    maximum: 1500,
    description: 'How often a process asks for edits made by others; a notification makes it ask at once.',
  }),
};

const creating = {
  DEFAULT_SHORT_CODES_LENGTH: integer({
    default: 7,
    minimum: 4,
    maximum: 32,
    description: 'Length of generated short codes.',
  }),
  SHORT_URL_MODE: choice(['strict', 'loose'], {
    default: 'strict',
    description:
      'With `loose`, codes are made and stored in lower case, and found in any case (A to Z). See `hop codes` before switching.',
  }),
  MULTI_SEGMENT_SLUGS_ENABLED: boolean({
    default: false,
    description: 'Whether slugs may have slashes within, such as `docs/intro`; otherwise each becomes a `-`.',
  }),
  DELETE_SHORT_URL_THRESHOLD: Type.Optional(
    integer({
      derived: 'no limit',
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'A short URL with more visits than this cannot be deleted.',
    }),
  ),
  ANONYMOUS_CREATE: Type.Optional(
    boolean({
      derived: '`true` when embedded and `HOST` is loopback, else `false`',
      description: 'Whether `POST /` works without an API key.',
    }),
  ),
  INITIAL_API_KEY: Type.Optional(
    text('api-key', { secret: true, description: 'API key to make on the first start, when there is none yet.' }),
  ),
  CREATE_QUEUE_MAX: integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Creates of a process that may wait for the database; more are answered with 503.',
  }),
  BODY_MAX_BYTES: bytes({
    default: MiB,
    minimum: 64 * KiB,
    maximum: 64 * MiB,
    description: 'Largest request body.',
  }),
};

const caching = {
  CACHE_MAX_BYTES: bytes({
    default: 256 * MiB,
    minimum: MiB,
    maximum: 64 * GiB,
    description: 'Memory of a process for cached links.',
  }),
  CACHE_TTL_S: seconds({
    default: 300,
    minimum: 1,
    maximum: 86_400,
    description: 'Age at which a cached link is checked against the database again, while it is still served.',
  }),
  UNKNOWN_CODES_MAX: integer({
    default: 100_000,
    minimum: 1000,
    maximum: 10_000_000,
    description: 'Unknown short codes that a process remembers, each for at most a second.',
  }),
  LOOKUP_DEADLINE_MS: milliseconds({
    default: 250,
    minimum: 10,
    maximum: 10_000,
    description: 'Time that a redirect waits for the database; then it is answered with 503.',
  }),
  LOOKUP_BATCHES_IN_FLIGHT: integer({
    default: 2,
    minimum: 1,
    maximum: 16,
    description: 'Lookup statements of a process that may be under way at once.',
  }),
  LOOKUP_BATCH_MAX: integer({
    default: 1000,
    minimum: 1,
    maximum: 10_000,
    description: 'Short codes looked up by one statement.',
  }),
  LOOKUP_QUEUE_MAX: integer({
    default: 20_000,
    minimum: 100,
    maximum: 1_000_000,
    description: 'Redirects of a process that may wait for the database; more are answered with 503 at once.',
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

function pool(connections: number, description: string) {
  return integer({ default: connections, minimum: 1, maximum: 100, description });
}

function rateLimit(perMinute: number, what: string) {
  const description = `${what} that a process answers in a minute; 0 for any number.`;
  return integer({ default: perMinute, minimum: 0, maximum: 1_000_000, description });
}
