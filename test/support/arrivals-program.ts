import type { ArrivalFigures, Arrivals } from './arrivals.ts';

/** arrivals-program.ts ARRIVALS: asks as `Arrivals`, given as JSON, says, and prints `ArrivalFigures` as JSON. */
const { port, path, perSecond, seconds, connections, keepAlive }: Arrivals = JSON.parse(process.argv[2] ?? '');
const PATIENCE_MS = 5_000;
const REQUEST = [
  `GET ${path} HTTP/1.1`,
  'Host: s.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36',
  keepAlive ? 'Connection: keep-alive' : 'Connection: close',
  '\r\n',
].join('\r\n');

interface Client {
  socket?: Bun.Socket<Client>;
  isAsking: boolean;
  /** When its request came, and when it had a connection. */
  dueMs: number;
  connectedMs: number;
}

const total = Math.round(perSecond * seconds);
/** The oldest request first. */
const asking = new Set<Client>();
const idle: Client[] = [];
const latenciesMs: number[] = [];
const acceptedMs: number[] = [];
const latenessMs: number[] = [];
const counts = { offered: 0, answered: 0, turnedAway: 0, gaveUp: 0, broken: 0, others: 0 };
let open = 0;
const begunAtMs = performance.now();
setImmediate(turn);

function turn(): void {
  const nowMs = performance.now();
  for (; counts.offered < total; counts.offered++) {
    const dueMs = begunAtMs + (counts.offered * 1_000) / perSecond;
    if (dueMs > nowMs) break;
    latenessMs.push(nowMs - dueMs);
    arrive(dueMs, nowMs);
  }
  for (const client of asking) {
    if (nowMs - client.dueMs < PATIENCE_MS) break;
    counts.gaveUp++;
    settle(client);
    client.socket?.terminate();
  }
  if (counts.offered < total || asking.size > 0) setImmediate(turn);
  else report();
}

function arrive(dueMs: number, nowMs: number): void {
  const free = idle.pop();
  if (free !== undefined) {
    Object.assign(free, { isAsking: true, dueMs, connectedMs: nowMs });
    asking.add(free);
    free.socket?.write(REQUEST);
  } else if (open === connections) {
    counts.turnedAway++;
  } else {
    const client: Client = { isAsking: true, dueMs, connectedMs: Number.NaN };
    open++;
    asking.add(client);
    // Who cannot connect is told of it by `connectError` too.
    Bun.connect<Client>({ hostname: '127.0.0.1', port, data: client, socket: HANDLERS }).catch(() => {});
  }
}

const HANDLERS: Bun.SocketHandler<Client> = {
  open(socket) {
    if (!socket.data.isAsking) return socket.terminate();
    socket.data.socket = socket;
    socket.data.connectedMs = performance.now();
    socket.write(REQUEST);
  },
  // A redirect is one packet.
  data(socket, bytes) {
    const client = socket.data;
    if (!client.isAsking) return;
    settle(client);
    counts.answered++;
    if (bytes.toString('latin1', 9, 12) !== '302') counts.others++;
    const nowMs = performance.now();
    latenciesMs.push(nowMs - client.dueMs);
    acceptedMs.push(nowMs - client.connectedMs);
    if (keepAlive) idle.push(client);
  },
  close: ({ data }) => end(data),
  connectError: ({ data }) => end(data),
  error() {},
};

function end(client: Client): void {
  open--;
  if (client.isAsking) counts.broken++;
  settle(client);
  const at = idle.indexOf(client);
  if (at >= 0) idle.splice(at, 1);
}

function settle(client: Client): void {
  client.isAsking = false;
  asking.delete(client);
}

function report(): void {
  const at = (values: number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
  const figures: Record<keyof ArrivalFigures, number | undefined> = {
    ...counts,
    answeredPerSecond: (counts.answered * 1_000) / (performance.now() - begunAtMs),
    p50Ms: at(latenciesMs, 0.5),
    p99Ms: at(latenciesMs, 0.99),
    acceptedP99Ms: at(acceptedMs, 0.99),
    lateP99Ms: at(latenessMs, 0.99),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}
