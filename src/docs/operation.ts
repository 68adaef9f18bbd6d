import { PROBLEM_EXAMPLES, PROBLEM_SCHEMA } from './problems.ts';

/** Answers by status. */
export type Answers = Readonly<Record<string, Answer>>;

interface Answer {
  readonly description?: string;
  readonly headers?: unknown;
  readonly content?: Readonly<Record<string, Media>>;
  /** Keyword of a schema, and no member of an answer. */
  readonly examples?: readonly unknown[];
}

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
}

interface Parameter {
  readonly schema?: object;
  readonly examples?: unknown;
}

/** An operation of OpenAPI, as far as we change it. */
export interface Operation {
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly responses?: Answers;
}

const PROBLEM_TYPE = 'application/problem+json';

/**
 * What the generator leaves wrong or out: keywords in wrong places, the answers that all operations have, and a 200
 * that says nothing where it knows of no answer.
 * @param described what the route itself says of its answers, beside their schemas
 */
export function finishOperation(method: string, operation: Operation, described: Answers = {}): Operation {
  const isPublic = operation.security?.length === 0;
  const answers = { ...commonAnswers(method, isPublic), ...operation.responses, ...described };
  const told = Object.entries(answers).filter(([, { description }]) => description !== undefined);
  return {
    ...operation,
    ...(!isPublic && { security: [{ ApiKey: [] }] }),
    ...(operation.parameters && { parameters: operation.parameters.map(finishParameter) }),
    responses: Object.fromEntries(told.map(([status, answer]) => [status, finishAnswer(status, answer)])),
  };
}

/** Examples as a list belong to the schema; to the parameter itself they would be a map. */
function finishParameter({ schema, examples, ...rest }: Parameter): Parameter {
  return { ...rest, schema: { ...schema, ...(examples !== undefined && { examples }) } };
}

/** The generator leaves keywords of the schema in the answer. */
function finishAnswer(status: string, { description, headers, content, examples }: Answer): Answer {
  return {
    ...(description !== undefined && { description }),
    ...(headers !== undefined && { headers }),
    ...(content !== undefined && { content: mapValues(content, withExample) }),
  };

  function withExample(media: Media, type: string): Media {
    const example = examples?.[0] ?? (type === PROBLEM_TYPE ? PROBLEM_EXAMPLES[status] : undefined);
    return example === undefined ? media : { example, ...media };
  }
}

function commonAnswers(method: string, isPublic: boolean): Answers {
  const takesBody = ['post', 'put', 'patch'].includes(method);
  return {
    ...(!isPublic && {
      401: problem('The API key is missing or not valid.'),
      429: problem('Too many requests: `Retry-After` says when to come back.'),
      503: problem('The database cannot answer at the moment.'),
    }),
    ...(takesBody && { 413: problem('The body is too large.'), 415: problem('The body is not JSON.') }),
    500: problem('Something went wrong here.'),
  };
}

function problem(description: string): Answer {
  return { description, content: { [PROBLEM_TYPE]: { schema: PROBLEM_SCHEMA } } };
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
