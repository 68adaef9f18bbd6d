import { request } from 'node:http';
import { readVariables } from '../config/read.ts';
import { ConfigError, processEnvironment } from '../config.ts';
import { CommandError, defineCommand, EXIT, print } from './command.ts';

const TIMEOUT_MS = 2_000;

export const command = defineCommand({
  summary: 'Ask whether the hop of this environment is alive: exit code 0, else 1',
  usage: '[--url=URL]',
  flags: {
    url: {
      type: 'string',
      description: 'Where it listens, such as http://127.0.0.1:3000; default: HOST and PORT, or LISTEN',
    },
  },
  async run({ flags }) {
    const address = flags.url === undefined ? addressToAsk() : { url: parse(flags.url) };
    await ask(address);
    await print(`hop is alive at ${nameOf(address)}\n`);
    return EXIT.ok;
  },
});

interface Address {
  readonly url: URL;
  /** The unix socket by which to get there, if it is one. */
  readonly socketPath?: string;
}

function nameOf({ url, socketPath }: Address): string {
  return socketPath === undefined ? url.origin : `unix:${socketPath}`;
}

/** Any answer says that it is alive, also that the database is away: a restart would not bring that back. */
async function ask(address: Address): Promise<void> {
  try {
    await answer(address);
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === 'TimeoutError';
    const reason = isLate ? `does not answer within ${TIMEOUT_MS / 1000} s` : 'does not answer';
    throw new CommandError(`hop at ${nameOf(address)} ${reason}`, EXIT.failure, { cause });
  }
}

/**
 * OPTIONS, because it is answered without asking the database and is nobody's visit. Not by `fetch`, which would ask
 * the proxy that the environment names.
 */
function answer({ url, socketPath }: Address): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  signal.addEventListener('abort', () => reject(signal.reason));
  request(new URL('/rest/health', url), { method: 'OPTIONS', signal, socketPath }, resolve).on('error', reject).end();
  return promise;
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:') return url;
  throw new CommandError(`--url must be an http URL, not "${text}"`, EXIT.usage);
}

/** Of the whole configuration only the address is needed: a probe should not fail for want of a secret. */
function addressToAsk(): Address {
  const { variables, problems } = readVariables({ environment: processEnvironment(), overrides: {} }, []);
  const { HOST = '127.0.0.1', PORT, LISTEN } = variables;
  const wrong = problems.filter((problem) => /^(HOST|PORT|LISTEN) /.test(problem));
  if (wrong.length > 0) throw new ConfigError(wrong);
  if (LISTEN !== undefined) return { url: new URL('http://localhost'), socketPath: `${LISTEN}.1` };
  if (!PORT) throw new CommandError('PORT is 0, so hop listens on a port that only it knows: say which by --url');
  const host = ANY_ADDRESS.get(HOST) ?? HOST;
  return { url: new URL(`http://${host.includes(':') ? `[${host}]` : host}:${PORT}`) };
}

/** Listening on every address includes loopback; asking "every address" works on some systems only. */
const ANY_ADDRESS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
