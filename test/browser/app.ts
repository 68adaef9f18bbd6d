import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const APP = join(import.meta.dir, 'app');
const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>hop</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"><div id="root" style="height: 100%"></div><script src="/page.js"></script></html>`;

/** The page with the component, on an origin of its own as the web client is; hop's answers need CORS there. */
export interface App extends AsyncDisposable {
  readonly url: string;
}

/** Installs what `app/bun.lock` pins into `folder`. False where that cannot be had. */
export async function installApp(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'bun.lock']) await cp(join(APP, name), join(folder, name));
  // Texts in the project, whose checks have neither the packages nor Tailwind.
  for (const name of ['page.tsx', 'page.css']) await cp(join(APP, `${name}.txt`), join(folder, name));
  return (await run(folder, 'install', '--frozen-lockfile')) === 0;
}

/** Bundles the page for the hop at `hopUrl` and serves it at every path. */
export async function serveApp(folder: string, hopUrl: string): Promise<App> {
  const [script, style] = await Promise.all([bundle(folder, hopUrl), styleSheet(folder)]);
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    routes: {
      '/page.js': () => new Response(script, { headers: { 'content-type': 'text/javascript' } }),
      '/page.css': () => new Response(style, { headers: { 'content-type': 'text/css' } }),
      '/*': () => new Response(HTML, { headers: { 'content-type': 'text/html' } }),
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

async function bundle(folder: string, hopUrl: string): Promise<Blob> {
  const { outputs } = await Bun.build({
    entrypoints: [join(folder, 'page.tsx')],
    define: { HOP_URL: JSON.stringify(hopUrl), 'process.env.NODE_ENV': '"production"' },
    minify: true,
  });
  const [script] = outputs;
  if (script === undefined) throw new Error('the page could not be bundled');
  return script;
}

async function styleSheet(folder: string): Promise<Blob> {
  const code = await run(folder, 'x', 'tailwindcss', '--input', 'page.css', '--output', 'built.css');
  if (code !== 0) throw new Error('the style sheet could not be built');
  return Bun.file(join(folder, 'built.css'));
}

function run(folder: string, ...command: string[]): Promise<number> {
  return Bun.spawn([process.execPath, ...command], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }).exited;
}
