/** SQLSTATEs that we act upon, by name. Everything else is told apart by its class (the first two characters). */
export const SQLSTATE = {
  protocolViolation: '08P01',
  queryCanceled: '57014',
  readOnlyTransaction: '25006',
  tooManyConnections: '53300',
  uniqueViolation: '23505',
} as const;

/** The driver's and the system's codes for "there is no working connection". */
const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_SOCKET_CLOSED',
]);

/** 08 connection exception, 53300 too many connections, 57P0x shut down or starting up. */
const CONNECTION_STATES = /^(08|53300|57P)/;
/** 40 deadlock and the like, 53 out of resources, 55 locked, 57 cancelled, 58 system error: the server's trouble. */
const TROUBLE_STATES = /^(40|53|55|57|58)/;

/** The SQLSTATE or system error code of whatever was thrown, or of what caused it. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

/** Whether the statement failed because of where it ran, so that it may succeed on a new connection. */
export function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error);
  return CONNECTION_CODES.has(code) || CONNECTION_STATES.test(code) || code === SQLSTATE.readOnlyTransaction;
}

/** Whether the server has no connection left for us; those that we have work on. */
export function isTooManyConnections(error: unknown): boolean {
  return codeOf(error) === SQLSTATE.tooManyConnections;
}

/** Whether the server could not do it at the moment, through no fault of the statement. */
export function isServerTrouble(error: unknown): boolean {
  return TROUBLE_STATES.test(codeOf(error));
}

/** What who runs hop can do about it, where a setting would. */
export function adviceFor(error: unknown): string | undefined {
  const refusesTimeout = codeOf(error) === SQLSTATE.protocolViolation && /statement_timeout/.test(String(error));
  return refusesTimeout
    ? 'behind PgBouncer set DATABASE_SERVER_TIMEOUTS=false, and statement_timeout for the role, to WRITE_TIMEOUT_MS at most'
    : undefined;
}

/** Whether PostgreSQL refused the data itself (22: data exception, 23: constraint): sending it again cannot help. */
export function isRefusedData(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error));
}

/** The server did not answer in time; whether the statement took effect is unknown. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`no answer from the database within ${timeoutMs} ms`);
  }
}

/** The connection ended; whether the statement took effect is unknown. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
  readonly code = 'CONNECTION_CLOSED';
}

/**
 * The promise, but at most `timeoutMs` long: the driver has no query timeout. The late answer of a statement that was
 * given up is swallowed, so that it cannot surface as an unhandled rejection.
 */
export function withDeadline<T>(answer: PromiseLike<T>, timeoutMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError(timeoutMs)), timeoutMs);
    answer.then(resolve, reject).then(() => clearTimeout(timer));
  });
}

/** Of an error and what caused it, the one that says that a statement took too long; a lost connection says nothing. */
export function slownessOf(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const isSlow = error instanceof NoAnswerError || ('code' in error && error.code === SQLSTATE.queryCanceled);
  return isSlow ? error : slownessOf(error.cause);
}
