export type Params = Readonly<Record<string, unknown>>;
export type Listener = (method: string, params: Params) => void;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** The Chrome DevTools Protocol over its WebSocket: commands with their answers, and events by session. */
export class DevTools {
  private readonly answers = new Map<number, (message: Message) => void>();
  private readonly listeners = new Map<string, Listener>();
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.onmessage = ({ data }) => this.take(JSON.parse(data) as Message);
  }

  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('Chromium does not answer'));
    });
    return new DevTools(socket);
  }

  async send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = ++this.lastId;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.answers.set(id, resolve);
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Opens an empty tab, whose events go to `listener`; resolves with its session. */
  async open(listener: Listener): Promise<string> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.listeners.set(String(sessionId), listener);
    return String(sessionId);
  }

  private take({ id, sessionId = '', method = '', params = {}, ...answer }: Message): void {
    if (id === undefined) this.listeners.get(sessionId)?.(method, params);
    else this.answers.get(id)?.(answer);
  }
}
