import { connect, type Socket } from 'node:net';

/** What a client saw that asks again and again and never tries a request twice. */
export interface LoadFigures {
  answers: number;
  /** Requests without an answer on a connection that had answered before: the server had accepted it for certain. */
  lost: number;
  /** The same on new connections: perhaps still in the queue of a listener that closed. */
  lostInQueue: number;
  /** Connections that nobody took. */
  refused: number;
  /** Answers with 5xx. */
  errors: number;
  /** The first of these, whole: why. */
  firstError?: string;
}

export interface LoadOptions {
  readonly port: number;
  /** Of each request; or what makes one for each. */
  readonly path: string | (() => string);
  readonly clients: number;
  /** Else each request has a connection of its own. */
  readonly keepAlive: boolean;
}

/** Asks until `stop` is called, which resolves with the figures. */
export function startLoad(options: LoadOptions): { figures: LoadFigures; stop(): Promise<LoadFigures> } {
  const figures: LoadFigures = { answers: 0, lost: 0, lostInQueue: 0, refused: 0, errors: 0 };
  let isOver = false;
  const client = async () => {
    while (!isOver) await converse(options, figures, () => isOver);
  };
  const clients = Array.from({ length: options.clients }, client);
  return {
    figures,
    async stop() {
      isOver = true;
      await Promise.all(clients);
      return figures;
    },
  };
}

/** One connection, from its opening to its end. */
async function converse({ port, path, keepAlive }: LoadOptions, figures: LoadFigures, isOver: () => boolean) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const nextPath = typeof path === 'string' ? () => path : path;
  const fields = `Host: s.example\r\n${keepAlive ? '' : 'Connection: close\r\n'}`;
  let [isOpen, isWaiting, answered] = [false, false, 0];
  const socket: Socket = connect(port, '127.0.0.1', () => {
    isOpen = true;
    ask();
  });
  const ask = () => {
    isWaiting = true;
    socket.write(`GET ${nextPath()} HTTP/1.1\r\n${fields}\r\n`);
  };
  let head = '';
  socket.on('data', (data) => {
    head += data.toString('latin1');
    if (!isWhole(head)) return;
    const [, status = ''] = head.split(' ', 2);
    const isLast = /\r\nconnection: close\r\n/i.test(head);
    if (status.startsWith('5')) {
      figures.errors++;
      figures.firstError ??= head;
    }
    head = '';
    isWaiting = false;
    answered++;
    figures.answers++;
    if (!keepAlive || isLast || isOver()) socket.end();
    else ask();
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  await closed;
  if (!isOpen) figures.refused++;
  else if (isWaiting) figures[answered > 0 ? 'lost' : 'lostInQueue']++;
  if (!isOpen) await Bun.sleep(5);
}

/** Whether an answer has come to its end, with the body that it says it has. */
function isWhole(answer: string): boolean {
  const headLength = answer.indexOf('\r\n\r\n') + 4;
  if (headLength < 4) return false;
  const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, headLength))?.[1] ?? 0);
  return answer.length >= headLength + bodyLength;
}
