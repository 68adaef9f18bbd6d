import { openSync, readFileSync, writeSync } from 'node:fs';
import { ownText } from '../../src/lib/own-text.ts';

// bun bun-program.ts API PORT LINKS_FILE [LOG_FILE]: redirects by one of Bun's two servers and a map, with nothing
// around. With a log, of the fields of hop's journal; `listen` reads just as much of HTTP as wrk speaks, which makes it no
// server for anybody else.

const [api, port, linksFile = '', logFile] = process.argv.slice(2);

const targets = new Map<string, string>();
for (const line of readFileSync(linksFile, 'utf8').split('\n')) {
  const at = line.indexOf(' ');
  // Copied, because parts of a text keep all of it and are found more slowly.
  if (at !== -1) targets.set(ownText(line.slice(0, at)), ownText(line.slice(at + 1)));
}

const WRITE_EVERY_MS = 5;
let records = '';
const log = logFile === undefined ? undefined : openSync(logFile, 'a');
if (log !== undefined) {
  setInterval(() => {
    if (records !== '') writeSync(log, records);
    records = '';
  }, WRITE_EVERY_MS);
}

const where = { hostname: '127.0.0.1', port: Number(port) };

if (api === 'serve') {
  const server = Bun.serve({
    ...where,
    development: false,
    fetch(request) {
      const { url } = request;
      const location = targets.get(url.slice(url.indexOf('/', 'http://'.length) + 1));
      if (location === undefined) return new Response(null, { status: 404 });
      if (log !== undefined) {
        const { headers } = request;
        const address = server.requestIP(request)?.address ?? '';
        record(address, headers.get('referer') ?? '', headers.get('user-agent') ?? '', url, location);
      }
      return new Response(null, { status: 302, headers: { location, 'cache-control': 'private, max-age=0' } });
    },
  });
} else {
  const found = 'HTTP/1.1 302 Found\r\ncache-control: private, max-age=0\r\nContent-Length: 0\r\nlocation: ';
  Bun.listen<{ address: string }>({
    ...where,
    socket: {
      open(socket) {
        socket.data = { address: socket.remoteAddress };
      },
      data(socket, bytes) {
        const head = bytes.toString('latin1');
        const path = head.slice('GET '.length, head.indexOf(' ', 'GET '.length));
        const location = targets.get(path.slice(1));
        if (location === undefined) {
          socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
          return;
        }
        if (log !== undefined) {
          const url = `http://${header(head, 'Host')}${path}`;
          record(socket.data.address, header(head, 'Referer'), header(head, 'User-Agent'), url, location);
        }
        socket.write(`${found}${location}\r\n\r\n`);
      },
    },
  });
}

function record(address: string, referrer: string, userAgent: string, url: string, location: string): void {
  records += `${Date.now()}\x1f${referrer}\x1f${userAgent}\x1f${address}\x1f${url}\x1f${location}\x1e`;
}

function header(head: string, name: string): string {
  const start = `\r\n${name}: `;
  const at = head.indexOf(start);
  return at === -1 ? '' : head.slice(at + start.length, head.indexOf('\r\n', at + start.length));
}
