import type { DevTools, Params } from './devtools.ts';
import { problemOf } from './problem-of.ts';

const PATIENCE_MS = 30_000;
/** While something is loaded, and for a moment after it: a view asks again for what it found. */
const QUIET_MS = 500;

/** A tab of Chromium, with everything that went wrong in it. */
export class Tab implements AsyncDisposable {
  readonly problems: string[] = [];
  private readonly loading = new Set<unknown>();
  private changedAt = performance.now();
  private session = '';

  private constructor(private readonly devTools: DevTools) {}

  static async open(devTools: DevTools): Promise<Tab> {
    const tab = new Tab(devTools);
    tab.session = await devTools.open((method, params) => tab.note(method, params));
    // Charts stand there at once.
    const features = [{ name: 'prefers-reduced-motion', value: 'reduce' }];
    await tab.send('Emulation.setEmulatedMedia', { features });
    for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await tab.send(`${domain}.enable`);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.send('Page.close');
  }

  async goTo(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
  }

  /**
   * Waits until the page shows `text`, has what `selector` finds, and has nothing to load; false if it does not come to
   * that.
   */
  async shows(text: string, selector = 'body'): Promise<boolean> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      if (this.isQuiet() && (await this.text()).includes(text) && (await this.has(selector))) return true;
      if (this.isQuiet() && this.problems.length > 0) return false;
      await Bun.sleep(100);
    }
    return false;
  }

  /** Types over what stands in the field, as a person does. */
  async fill(placeholder: string, text: string): Promise<void> {
    const field = `document.querySelector('form [placeholder="${placeholder}"]')`;
    await this.evaluate(`${field}.focus(), ${field}.select()`);
    await this.send('Input.insertText', { text });
  }

  async submit(): Promise<void> {
    await this.evaluate(`document.querySelector('form[name="shortUrlForm"] [type="submit"]').click()`);
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.send('Page.captureScreenshot');
    await Bun.write(file, Buffer.from(String(data), 'base64'));
  }

  private async text(): Promise<string> {
    return String(await this.evaluate('document.body.innerText'));
  }

  private async has(selector: string): Promise<boolean> {
    return Boolean(await this.evaluate(`document.querySelector(${JSON.stringify(selector)}) !== null`));
  }

  private async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${Bun.inspect(exceptionDetails)}`);
    return (result as Params).value;
  }

  private send(method: string, params: Params = {}): Promise<Params> {
    return this.devTools.send(method, params, this.session);
  }

  private isQuiet(): boolean {
    return this.loading.size === 0 && performance.now() - this.changedAt > QUIET_MS;
  }

  private note(method: string, params: Params): void {
    if (method === 'Network.requestWillBeSent') this.loading.add(params.requestId);
    if (method === 'Network.loadingFinished' || method === 'Network.loadingFailed')
      this.loading.delete(params.requestId);
    if (method.startsWith('Network.')) this.changedAt = performance.now();
    const problem = problemOf(method, params);
    if (problem !== undefined) this.problems.push(problem);
  }
}
