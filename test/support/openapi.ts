import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type DocumentFiles, dereference, isObject, type JsonObject, objectAt } from './openapi-documents.ts';
import { contentOf, exact, type Media, withAnyInvalidElement } from './openapi-schemas.ts';

/** A request and what was answered to it. */
export interface Exchange {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  /** By status, or `default`. */
  readonly responses: JsonObject;
}

/** Tells whether answers are what the OpenAPI documents of REST API v3 say. */
export class Contract {
  readonly #operations: readonly Operation[];
  readonly #error: unknown;
  readonly #ajv = createAjv();
  /** A schema is compiled when it is first needed. */
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(files: DocumentFiles) {
    this.#operations = readOperations(dereference(files, 'swagger.json'));
    this.#error = dereference(files, 'definitions/Error.json');
  }

  /** Every operation with each status that it is documented with: `getShortUrl 404`. */
  get documented(): string[] {
    return this.#operations.flatMap(({ name, responses }) =>
      Object.keys(responses)
        .filter((status) => status !== 'default')
        .map((status) => `${name} ${status}`),
    );
  }

  /** The same of an answer that was given; undefined where the documents know no such operation. */
  nameOf(exchange: Exchange): string | undefined {
    const operation = this.#find(exchange);
    return operation && `${operation.name} ${exchange.status}`;
  }

  /** What is wrong with the answer; nothing if it keeps the contract. */
  violations(exchange: Exchange): string[] {
    return this.#check(exchange).map(
      (violation) => `${exchange.method} ${exchange.path} ${exchange.status}: ${violation}`,
    );
  }

  #check(exchange: Exchange): string[] {
    const operation = this.#find(exchange);
    if (operation === undefined) return this.#checkUndocumented(exchange);
    const key = String(exchange.status) in operation.responses ? String(exchange.status) : 'default';
    if (key === 'default' && exchange.status < 400) return ['the documents know no such success'];
    const contents = contentOf(objectAt(operation.responses, key));
    return contents.size === 0
      ? checkEmpty(exchange)
      : this.#checkContent(exchange, `${operation.name} ${key}`, contents);
  }

  #find({ method, path }: Exchange): Operation | undefined {
    const [pathname = ''] = path.split('?', 1);
    return this.#operations.find((operation) => operation.method === method && operation.pattern.test(pathname));
  }

  /** Paths and methods that the documents lack can only fail. */
  #checkUndocumented(exchange: Exchange): string[] {
    if (exchange.method === 'OPTIONS') return checkEmpty(exchange);
    if (exchange.status < 400) return ['the documents know no such operation'];
    return this.#checkContent(
      exchange,
      'undocumented',
      new Map([[PROBLEM, { schema: this.#error, problemTypes: [] }]]),
    );
  }

  #checkContent(exchange: Exchange, name: string, contents: ReadonlyMap<string, Media>): string[] {
    const type = exchange.contentType?.replace(/;.*/, '') ?? 'nothing';
    const media = contents.get(type);
    if (media === undefined) return [`content type is ${type}, expected ${[...contents.keys()].join(' or ')}`];
    if (!/json$/.test(type)) return [];
    const body = parse(exchange.body);
    if (body === undefined) return ['the body is no JSON'];
    if (type === PROBLEM) return this.#checkProblem(exchange, name, media, body);
    // Health may say more than the documents do: NOTES.md does not name it among the exact payloads.
    return this.#checkSchema(name, name.startsWith('health ') ? media.schema : exact(media.schema), body);
  }

  #checkProblem({ status }: Exchange, name: string, { schema, problemTypes }: Media, body: unknown): string[] {
    const isShown = isObject(body) && problemTypes.includes(body.type);
    const faults = isShown
      ? this.#checkSchema(name, withAnyInvalidElement(schema), body)
      : this.#checkSchema('any problem', this.#error, body);
    return [...faults, ...checkProblemMembers(status, body)];
  }

  #checkSchema(key: string, schema: unknown, body: unknown): string[] {
    let validate = this.#compiled.get(key);
    if (validate === undefined) {
      validate = this.#ajv.compile(isObject(schema) ? schema : {});
      this.#compiled.set(key, validate);
    }
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
    );
  }
}

const PROBLEM = 'application/problem+json';
const PROBLEM_TYPE = /^https:\/\/shlink\.io\/api\/error\/[a-z]+(-[a-z]+)*$/;

/** What holds of problems beside their schema. */
function checkProblemMembers(status: number, body: unknown): string[] {
  if (!isObject(body)) return [];
  const faults: string[] = [];
  if (body.status !== status) faults.push(`/status is ${body.status}`);
  if (!PROBLEM_TYPE.test(String(body.type))) faults.push(`/type is ${body.type}`);
  if (body.title === '' || body.detail === '') faults.push('/title or /detail says nothing');
  return faults;
}

function checkEmpty({ body, contentType }: Exchange): string[] {
  if (body !== '') return ['there is a body, none was expected'];
  return contentType === null ? [] : [`content type is ${contentType} although there is no body`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  // NOTES.md: dates are answered to the second with `+00:00`.
  const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;
  ajv.addFormat('date-time', (text) => pattern.test(text) && !Number.isNaN(Date.parse(text)));
  ajv.addFormat('binary', true);
  return ajv;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function readOperations(root: unknown): Operation[] {
  const paths = Object.entries(isObject(root) ? objectAt(root, 'paths') : {}).sort(byParameters);
  return paths.flatMap(([template, item]) =>
    METHODS.flatMap((method) =>
      isObject(item) && isObject(item[method]) ? readOperation(template, method, item[method]) : [],
    ),
  );
}

/** Fixed paths first: `/short-urls/shorten` is no short code. */
function byParameters([a]: [string, unknown], [b]: [string, unknown]): number {
  return a.split('{').length - b.split('{').length;
}

function readOperation(template: string, method: string, operation: JsonObject): Operation {
  return {
    name: String(operation.operationId),
    method: method.toUpperCase(),
    pattern: toPattern(template),
    responses: objectAt(operation, 'responses'),
  };
}

/** NOTES.md: health is under a version as well, although the documents show only `/rest/health`. */
function toPattern(template: string): RegExp {
  const source = template
    .replace('/rest/health', '/rest(/v[123])?/health')
    .replace('v{version}', 'v[123]')
    .replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
