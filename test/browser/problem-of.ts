import type { Params } from './devtools.ts';

/** The component asks for it at every start; the contract's answer without Mercure is 501, which Chromium logs. */
const EXPECTED = /\/rest\/v3\/mercure-info$/;
const BAD_LEVELS = ['error', 'assert'];

/** What an event of the browser says that went wrong: in the console, in a script or in the network. */
export function problemOf(method: string, params: Params): string | undefined {
  if (method === 'Runtime.exceptionThrown') return `exception: ${JSON.stringify(params.exceptionDetails)}`;
  if (method === 'Runtime.consoleAPICalled') return consoleProblem(params as unknown as ConsoleCall);
  if (method === 'Log.entryAdded') return logProblem(params.entry as LogEntry);
  if (method === 'Network.responseReceived') return answerProblem(params.response as Answer);
  if (method === 'Network.loadingFailed' && params.canceled !== true) return `request failed: ${params.errorText}`;
  return undefined;
}

function consoleProblem({ type, args }: ConsoleCall): string | undefined {
  if (!BAD_LEVELS.includes(type)) return undefined;
  return `console.${type}: ${args.map(({ value, description }) => description ?? String(value)).join(' ')}`;
}

function logProblem({ level, text, url = '' }: LogEntry): string | undefined {
  return BAD_LEVELS.includes(level) && !isExpected(url, text.includes('501') ? 501 : 0)
    ? `log: ${text} ${url}`
    : undefined;
}

function answerProblem({ status, url }: Answer): string | undefined {
  return status >= 400 && !isExpected(url, status) ? `${status} of ${url}` : undefined;
}

function isExpected(url: string, status: number): boolean {
  return status === 501 && EXPECTED.test(url);
}

interface ConsoleCall {
  readonly type: string;
  readonly args: readonly { readonly value?: unknown; readonly description?: string }[];
}

interface LogEntry {
  readonly level: string;
  readonly text: string;
  readonly url?: string;
}

interface Answer {
  readonly status: number;
  readonly url: string;
}
