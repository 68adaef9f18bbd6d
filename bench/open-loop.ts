import { readFileSync } from 'node:fs';

/**
 * open-loop.ts PORT HOST PATHS START RATE SECONDS: requests at a fixed rate, whatever the server does; prints one line of
 * JSON. The latency of a request counts from the moment at which it should have been sent, so that a server which stalls
 * is charged for all that had to wait meanwhile (no "coordinated omission"; wrk2 does the same, but is in no
 * distribution). The process never sleeps: a timer would send up to a millisecond late.
 */
const [port = '', host = '', file = '', start = '0', rate = '', seconds = ''] = process.argv.slice(2);
const CONNECTIONS = 64;
const PATIENCE_MS = 5_000;
const HEADERS = [
  `Host: ${host}`,
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Language: en-US,en;q=0.9,de;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
].join('\r\n');

interface Connection {
  readonly socket: Bun.Socket<Connection>;
  /** When its request should have been sent. */
  dueMs: number;
  received: string;
}

const paths = readFileSync(file, 'utf8').trimEnd().split('\n');
const total = Number(rate) * Number(seconds);
const intervalMs = 1000 / Number(rate);
const idle: Connection[] = [];
const latenciesMs = new Float64Array(total);
const latenessMs = new Float64Array(total);
let sent = 0;
let answered = 0;

for (let i = 0; i < CONNECTIONS; i++) await connect();
const begunAtMs = performance.now();
const deadlineMs = begunAtMs + total * intervalMs + PATIENCE_MS;
setImmediate(turn);

/** Sends all that is due, as far as a connection is free for it; what has to wait stays due. */
function turn(): void {
  const nowMs = performance.now();
  if (nowMs > deadlineMs) fail(`${total - answered} of ${total} requests were not answered`);
  for (let connection: Connection | undefined; sent < total; ) {
    const dueMs = begunAtMs + sent * intervalMs;
    if (dueMs > nowMs) break;
    connection = idle.pop();
    if (connection === undefined) break;
    connection.dueMs = dueMs;
    latenessMs[sent] = nowMs - dueMs;
    const path = paths[(Number(start) + sent++) % paths.length];
    connection.socket.write(`GET ${path} HTTP/1.1\r\n${HEADERS}\r\n\r\n`);
  }
  if (answered < total) setImmediate(turn);
  else report();
}

async function connect(): Promise<void> {
  await Bun.connect<Connection>({
    hostname: '127.0.0.1',
    port: Number(port),
    socket: {
      open(socket) {
        socket.data = { socket, dueMs: 0, received: '' };
        idle.push(socket.data);
      },
      data: (socket, bytes) => receive(socket.data, bytes),
      close: () => fail('the server closed a connection'),
      error: (_, error) => fail(String(error)),
    },
  });
}

function receive(connection: Connection, bytes: Buffer): void {
  connection.received += bytes.toString('latin1');
  const head = connection.received.indexOf('\r\n\r\n');
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(connection.received)?.[1] ?? 0);
  if (head < 0 || connection.received.length < head + 4 + length) return;
  if (!connection.received.startsWith('HTTP/1.1 302 ')) fail(connection.received);
  latenciesMs[answered++] = performance.now() - connection.dueMs;
  connection.received = '';
  idle.push(connection);
}

function report(): void {
  const at = (values: Float64Array, share: number) => values.toSorted()[Math.ceil(share * total) - 1];
  const figures = { p50Ms: at(latenciesMs, 0.5), p99Ms: at(latenciesMs, 0.99), sentLateP99Ms: at(latenessMs, 0.99) };
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
