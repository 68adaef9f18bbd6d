import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; values of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ExchangeOptions {
  readonly host?: string;
  /** Give up after this long, with the answers that are there. */
  readonly timeoutMs?: number;
}

/**
 * Writes bytes that no well-behaved client would (latin-1 text stands for bytes) and resolves with the answers to
 * them once the server closes the connection, so the last request has to ask for that. To requests other than HEAD.
 */
export async function exchange(port: number, text: string, options: ExchangeOptions = {}): Promise<RawAnswer[]> {
  const { host = '127.0.0.1', timeoutMs = 3_000 } = options;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(port, host, () => socket.write(text, 'latin1'));
  socket.setEncoding('latin1').setTimeout(timeoutMs, () => socket.destroy());
  socket.on('data', (data) => (received += data));
  socket.on('close', () => resolve(received));
  socket.on('error', reject);
  return parseAnswers(await promise);
}

/** One GET with headers exactly as given. */
export async function rawGet(port: number, target: string, headers: readonly string[] = ['Host: localhost']) {
  const [answer] = await exchange(port, ['GET ', target, ' HTTP/1.1\r\n', lines(headers)].join(''));
  return answer;
}

/** Header lines with the end of a head, asking for the connection to be closed. */
export function lines(headers: readonly string[]): string {
  return `${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`;
}

function parseAnswers(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== ''; ) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) throw new Error(`the connection ended within a head: ${rest}`);
    const { status, headers } = parseHead(rest.slice(0, headEnd));
    const bodyEnd = headEnd + 4 + Number(headers['content-length'] ?? 0);
    answers.push({ status, headers, body: rest.slice(headEnd + 4, bodyEnd) });
    rest = rest.slice(bodyEnd);
  }
  return answers;
}

function parseHead(head: string): Omit<RawAnswer, 'body'> {
  const [statusLine = '', ...fields] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const [name = ''] = field.split(':', 1);
    const key = name.toLowerCase();
    const value = field.slice(name.length + 1).trim();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return { status: Number(statusLine.split(' ')[1]), headers };
}
