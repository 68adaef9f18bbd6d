import { ShlinkApiClient } from '@shlinkio/shlink-js-sdk';
import type { ShlinkApiClient as Sdk, ShlinkShortUrl } from '@shlinkio/shlink-js-sdk/api-contract';
import { FetchHttpClient } from '@shlinkio/shlink-js-sdk/fetch';
import { createSegmentJoiner } from '../../src/http/rest-segments.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { contract } from './contract.ts';

export const API_KEY = 'the-key-of-the-contract-tests';

/** What a test says of a request beside its path. */
export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  /** Another key, or none. */
  readonly apiKey?: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined if there is none; a text if it is no JSON. */
  readonly body: unknown;
}

/** Clients of a hop of their own; each answer that they get is checked against the documents. */
export class ContractClient implements AsyncDisposable {
  readonly sdk: Sdk;
  /** What was answered so far, as the contract names it: `getShortUrl 404`. */
  readonly answered = new Set<string>();

  constructor(readonly app: TestApp) {
    this.sdk = this.sdkFor(API_KEY);
  }

  /** The client library that existing front ends use. By its contract's type: the types of the class are all `any`. */
  sdkFor(apiKey: string): Sdk {
    const http = new FetchHttpClient(Object.assign(this.#fetch, { preconnect: fetch.preconnect }));
    return new ShlinkApiClient(http, { baseUrl: this.app.url, apiKey });
  }

  /** A request below `/rest/v3`, unless the path says otherwise. */
  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const url = `${this.app.url}${path.startsWith('/rest/') ? '' : '/rest/v3'}${path}`;
    const response = await this.#fetch(url, toInit(options));
    return { status: response.status, headers: response.headers, body: toBody(await response.text()) };
  }

  /** Creates a short URL by the API, to example.com if nothing else is said. */
  async create(fields: Readonly<Record<string, unknown>> = {}): Promise<ShlinkShortUrl> {
    const answer = await this.request('/short-urls', {
      method: 'POST',
      body: { longUrl: 'https://example.com/target', ...fields },
    });
    if (!isShortUrl(answer)) throw new Error(`not created: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** As a visitor, without a key. */
  visit(path: string): Promise<Response> {
    return this.#fetch(`${this.app.url}${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.stop();
  }

  /** Throws if the answer breaks the contract. */
  readonly #fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(input, { redirect: 'manual', ...init });
    const { pathname, search } = new URL(String(input));
    const exchange = {
      method: init.method ?? 'GET',
      path: joinSegments(init.method ?? 'GET', pathname) + search,
      status: response.status,
      contentType: response.headers.get('content-type'),
      body: await response.clone().text(),
    };
    const violations = contract?.violations(exchange);
    if (violations?.length) throw new Error(`the answer breaks the contract:\n${violations.join('\n')}`);
    this.answered.add(contract?.nameOf(exchange) ?? '');
    return response;
  };
}

export async function startContractClient(variables: Record<string, string> = {}): Promise<ContractClient> {
  return new ContractClient(await startApp({ DEFAULT_DOMAIN: 's.test', INITIAL_API_KEY: API_KEY, ...variables }));
}

/** The documents know slugs of one segment only. */
const joinSegments = createSegmentJoiner(
  ['visits', 'redirect-rules'].flatMap((end) =>
    ['GET', 'POST', 'DELETE'].map((method) => ({ method, path: `/rest/v3/short-urls/:shortCode/${end}` })),
  ),
);

function toInit({ method = 'GET', headers, body, apiKey = API_KEY }: RequestOptions): RequestInit {
  return {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(apiKey !== null && { 'x-api-key': apiKey }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

/** The contract has checked the members already. */
function isShortUrl(answer: Answer): answer is Answer & { body: ShlinkShortUrl } {
  return answer.status === 200;
}

function toBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
