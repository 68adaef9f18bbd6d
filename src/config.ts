import { Value } from '@sinclair/typebox/value';
import { printVariable } from './config/describe.ts';
import { type Environment, findText } from './config/environment.ts';
import { ConfigError } from './config/error.ts';
import { readVariables } from './config/read.ts';
import { canonicalAuthority, isLoopback } from './config/texts.ts';
import { VARIABLE_NAMES, type VariableName, type Variables, VariablesSchema, variable } from './config/variables.ts';
import { availableCores } from './lib/cores.ts';

export { markdownTables } from './config/describe.ts';
export type { Environment } from './config/environment.ts';
export { ConfigError } from './config/error.ts';

/** Variables whose default depends on others; a Config has them all. */
type DerivedName =
  | 'DEFAULT_DOMAIN'
  | 'IS_HTTPS_ENABLED'
  | 'HOST'
  | 'ADMIN_PORT'
  | 'ANONYMOUS_CREATE'
  | 'WEB_CONCURRENCY'
  | 'DRAIN_DELAY';

/** The settings of a process, checked; keys are the names of the environment variables. */
export type Config = Readonly<Variables & Required<Pick<Variables, DerivedName>>>;

export interface ConfigOptions {
  /** Whether the process runs on the embedded database: then DATABASE_URL is not asked for, and not allowed. */
  readonly embedded: boolean;
  /** Texts that win over the environment: from flags of the command line, or the embedded server's DATABASE_URL. */
  readonly overrides?: Environment;
}

/** The environment of this process. Nothing else in hop reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the configuration.
 * @throws ConfigError naming every problem: the variable, what is given (secrets masked), what is allowed
 */
export function loadConfig(environment: Environment, { embedded, overrides = {} }: ConfigOptions): Config {
  const required: VariableName[] = embedded ? [] : ['DATABASE_URL', 'DEFAULT_DOMAIN'];
  const { variables, problems } = readVariables({ environment, overrides }, required);
  if (embedded && hasForeignDatabase(environment, overrides)) problems.push(TWO_DATABASES);
  if (hasOnePortForAll(variables, embedded)) problems.push(ONE_PORT);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(derive(Value.Decode(VariablesSchema, variables), embedded));
}

/** A variable with its effective value as it may be shown to anybody. */
export interface Setting {
  readonly name: VariableName;
  /** Undefined when it has none. */
  readonly value: string | undefined;
  readonly source: 'flag' | 'environment' | 'file' | 'default';
}

/** What `loadConfig` made of the same environment and overrides, secrets masked. */
export function describeConfig(config: Config, environment: Environment, overrides: Environment = {}): Setting[] {
  return VARIABLE_NAMES.map((name) => {
    const found = findText(name, variable(name).secret === true, { environment, overrides });
    return { name, value: printVariable(name, config[name]), source: 'source' in found ? found.source : 'default' };
  });
}

/** The configuration once a listener with PORT 0 has its port: it belongs to the default domain `localhost:PORT`. */
export function withPort(config: Config, port: number): Config {
  const { DEFAULT_DOMAIN } = config;
  return Object.freeze({ ...config, PORT: port, DEFAULT_DOMAIN: DEFAULT_DOMAIN.replace(/:0$/, `:${port}`) });
}

/**
 * The environment of a process that serves beside others: this one's, with the port that was found and the embedded
 * server's address. Not on its command line, which every user of the machine can read.
 */
export function childEnvironment(environment: Environment, port: number, embeddedUrl: string | undefined): Environment {
  return { ...environment, PORT: String(port), ...(embeddedUrl !== undefined && { DATABASE_URL: embeddedUrl }) };
}

/**
 * Whether npm or npx started us, so that we have to follow its end: killed, it leaves its children running.
 * `bun run` sets npm_lifecycle_event too, but leaves npm's user agent in place.
 */
export function startedByNpm(environment: Environment): boolean {
  const { npm_lifecycle_event: script, npm_config_user_agent: userAgent } = environment;
  return Boolean(script) && userAgent?.startsWith('npm/') === true;
}

/** The program whose script started us, if one did. */
export function starterOf(environment: Environment): 'npm' | 'bun' | undefined {
  if (startedByNpm(environment)) return 'npm';
  return environment.npm_lifecycle_event ? 'bun' : undefined;
}

const TWO_DATABASES =
  'DATABASE_URL is set, but this command runs on the embedded database, allowed is one of them: ' +
  'unset it, or use "hop serve" for your own PostgreSQL';

/** Neither database may be picked silently: the wrong one would be migrated, or links seem to be gone. */
function hasForeignDatabase(environment: Environment, overrides: Environment): boolean {
  return !overrides.DATABASE_URL && Boolean(environment.DATABASE_URL || environment.DATABASE_URL_FILE);
}

const ONE_PORT = 'ADMIN_PORT is the same as PORT, allowed is another one, or 0 for any free one';

/** Who binds second would call the port taken, and by nobody that can be found. */
function hasOnePortForAll({ PORT, ADMIN_PORT, LISTEN }: Partial<Variables>, embedded: boolean): boolean {
  return LISTEN === undefined && PORT !== 0 && PORT === (ADMIN_PORT ?? defaultAdminPort(embedded));
}

/**
 * The one that programs measured by OpenTelemetry use; Prometheus itself has 9090. Several trials on a machine, each
 * with its own PORT, should not have to care.
 */
function defaultAdminPort(embedded: boolean): number {
  return embedded ? 0 : 9464;
}

/** Elsewhere the kernel gives all connections to one of the processes that listen on a port. */
const SHARES_PORTS = process.platform === 'linux';

/** Time to tell busy keep-alive clients; nobody waits longer for a Ctrl-C. */
const EMBEDDED_DRAIN_DELAY_MS = 200;

/** A load balancer that asks each second has noticed; with DRAIN_TIMEOUT it fits into the 10 s that Docker grants. */
const DRAIN_DELAY_MS = 2_000;

function derive(variables: Variables, embedded: boolean): Config {
  const { HOST = embedded ? '127.0.0.1' : '0.0.0.0', IS_HTTPS_ENABLED = !embedded } = variables;
  const { DEFAULT_DOMAIN = `localhost:${variables.PORT}`, ANONYMOUS_CREATE = embedded && isLoopback(HOST) } = variables;
  const { WEB_CONCURRENCY = embedded || !SHARES_PORTS ? 1 : availableCores() } = variables;
  const { ADMIN_PORT = defaultAdminPort(embedded) } = variables;
  const { DRAIN_DELAY = embedded ? EMBEDDED_DRAIN_DELAY_MS : DRAIN_DELAY_MS } = variables;
  return {
    ...variables,
    HOST,
    ADMIN_PORT,
    IS_HTTPS_ENABLED,
    ANONYMOUS_CREATE,
    WEB_CONCURRENCY,
    DRAIN_DELAY,
    DEFAULT_DOMAIN: canonicalAuthority(DEFAULT_DOMAIN, IS_HTTPS_ENABLED),
  };
}
