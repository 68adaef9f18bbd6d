/** Log levels in order of severity; `silent` is for tests. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  /** On each line: which of several processes writes. */
  readonly fields?: LogFields;
}

/**
 * JSON lines on standard error: `{"time","level","message",…fields}`. Errors among the fields are written as
 * name, message, code and stack, and nothing else of them: those of the driver hold the values of a statement, too.
 * Standard output stays free for what a command prints.
 */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = toStderr,
  { fields: own = {} }: LoggerOptions = {},
): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (name: Exclude<LogLevel, 'silent'>) =>
    LOG_LEVELS.indexOf(name) < threshold
      ? () => {}
      : (message: string, fields?: LogFields) => write(line(name, message, { ...own, ...fields }));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The logger of a process that is one of several. */
export function createProcessLogger(level: LogLevel, role: string): Logger {
  return createLogger(level, toStderr, { fields: { role, pid: process.pid } });
}

function line(level: string, message: string, fields: LogFields): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plain)}\n`;
}

/** JSON.stringify knows neither bigint nor Error. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, code: (value as { code?: unknown }).code, stack, cause };
}

function toStderr(text: string): void {
  process.stderr.write(text);
}
