import { DevTools } from './devtools.ts';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => Bun.which(name)).find(Boolean);
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--remote-debugging-port=0',
  '--window-size=1280,1100',
];

export const hasChromium = CHROMIUM !== undefined;

export interface Chromium extends AsyncDisposable {
  readonly devTools: DevTools;
}

/**
 * Starts headless Chromium, for which `domain` is the server at `port` of this machine. It reaches nothing outside: a
 * page that wants something from there fails.
 */
export async function startChromium(profile: string, domain: string, port: number): Promise<Chromium> {
  const rules = `MAP ${domain} 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
  const more = [`--user-data-dir=${profile}`, `--host-resolver-rules=${rules}`];
  const command = [CHROMIUM ?? 'chromium', ...FLAGS, ...more];
  const child = Bun.spawn(command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const devTools = await DevTools.connect(await debuggerUrl(child.stderr));
  return {
    devTools,
    async [Symbol.asyncDispose]() {
      await devTools.send('Browser.close');
      await child.exited;
    },
  };
}

/** Chromium says on stderr where it listens; the rest is read away, or it would wait for the pipe. */
function debuggerUrl(stderr: ReadableStream<Uint8Array>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = async () => {
      for await (const chunk of stderr.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
        said += chunk;
        const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
        if (url !== undefined) resolve(url);
      }
      reject(new Error(`Chromium ended: ${said}`));
    };
    read().catch(reject);
  });
}
