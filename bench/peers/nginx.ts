import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Contender, untilServing } from '../contender.ts';
import { type Link, writeLines } from '../links.ts';
import { CORES, freePort, startPinned } from '../processes.ts';
import { need } from './need.ts';

export interface NginxOptions {
  readonly directory: string;
  readonly link: Link;
  /** All links in a `map`, and a log; or all requests to the same URL, which is that of `link`. */
  readonly answer: 'constant' | { readonly map: readonly Link[] };
}

/** nginx with one worker: the fastest redirects that one can configure. */
export async function startNginx({ directory, link, answer }: NginxOptions): Promise<Contender> {
  const nginx = need('nginx');
  const [port, config] = [await freePort(), join(directory, 'nginx.conf')];
  const isConstant = answer === 'constant';
  const server = isConstant ? constant(link) : await mapped(directory, answer.map);
  await writeFile(config, configuration({ directory, port, server }));
  const child = startPinned([nginx, '-p', directory, '-c', config], { core: CORES.server });
  return untilServing(isConstant ? 'nginx return' : 'nginx map', child, { port, host: 's.example.org' }, link);
}

interface Answer {
  readonly http: string;
  readonly target: string;
}

function constant({ longUrl }: Link): Answer {
  return { http: 'access_log off;', target: `"${longUrl}"` };
}

/**
 * The hash gets two buckets a link, and buckets so large that the first size fits: nginx tries sizes one by one. The log
 * has the fields of hop's journal and is written at least as seldom.
 */
async function mapped(directory: string, links: readonly Link[]): Promise<Answer> {
  const map = join(directory, 'links.map');
  await writeLines(map, links, ({ shortCode, longUrl }) => `"/${shortCode}" "${longUrl}";`);
  const fields = '$msec $remote_addr "$http_referer" "$http_user_agent" $scheme://$host$request_uri $target';
  const http = `
  log_format visits '${fields}';
  access_log ${directory}/visits.log visits buffer=64k flush=1s;
  map_hash_max_size ${2 * links.length};
  map_hash_bucket_size 512;
  map $uri $target { include ${map}; }`;
  return { http, target: '$target' };
}

/** A connection lasts for the whole run, as it does with the other server. */
function configuration({ directory, port, server }: { directory: string; port: number; server: Answer }): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/nginx-${name};`)
    .join(' ');
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  ${temporary}
  keepalive_requests 1000000000;
  ${server.http}
  server {
    listen 127.0.0.1:${port};
    location / { return 302 ${server.target}; }
  }
}
`;
}
