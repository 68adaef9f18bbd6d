import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../process/fixtures/programs.ts';

const DEPLOY = join(import.meta.dir, '../../deploy/nginx');
const NGINX = Bun.which('nginx', { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` });

export const hasNginx = NGINX !== null;

/** For a test that is skipped without it. */
export const NO_NGINX = 'deploy/nginx is not tested: there is no nginx (Debian: apt-get install nginx-light)';

export interface Nginx extends AsyncDisposable {
  readonly url: string;
}

/**
 * Runs deploy/nginx on a free port, with these servers (what follows the word `server`) in the place of servers.conf and
 * nothing written outside of `folder`. To be ended before the folder is removed.
 */
export async function startNginx(folder: string, servers: readonly string[]): Promise<Nginx> {
  const port = freePort();
  const site = [`listen 127.0.0.1:${port};`, 'access_log off;', 'error_log stderr crit;', temporaryPaths(folder)];
  layOut(folder, { servers: servers.map((server) => `server ${server};\n`).join(''), site });
  const nginx = Bun.spawn(command(folder), { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await until(() => nginx.exitCode !== null || isListening(port));
  if (nginx.exitCode !== null) throw new Error(`nginx ended with ${nginx.exitCode}`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      nginx.kill('SIGTERM');
      await nginx.exited;
    },
  };
}

/** What `nginx -t` says of deploy/nginx with one of its servers-*.conf. */
export function validate(folder: string, variant: 'tcp' | 'unix'): string {
  const servers = readFileSync(join(DEPLOY, `servers-${variant}.conf`), 'utf8');
  layOut(folder, { servers, site: [`listen 127.0.0.1:${freePort()};`, temporaryPaths(folder)] });
  return Bun.spawnSync([...command(folder), '-t']).stderr.toString();
}

function layOut(folder: string, { servers, site }: { servers: string; site: readonly string[] }): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(DEPLOY, 'nginx.conf'), join(folder, 'nginx.conf'));
  writeFileSync(join(folder, 'servers.conf'), servers);
  writeFileSync(join(folder, 'site.conf'), site.join('\n'));
}

/** As root, its workers stay root: they have to reach sockets in folders of the test. */
function command(folder: string): string[] {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const main = `daemon off; pid ${folder}/nginx.pid; ${user}`;
  return [NGINX ?? 'nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', main];
}

function temporaryPaths(folder: string): string {
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return names.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n');
}

function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

async function isListening(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
