import { request } from 'node:http';

/** The body of the answer to a GET from one of this machine's addresses; the path goes out as it is given. */
export function getFrom(localAddress: string, url: string, headers: Record<string, string> = {}): Promise<string> {
  const { hostname, port, origin } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ localAddress, headers, hostname, port, path: url.slice(origin.length) }, async (answer) => {
    let body = '';
    for await (const chunk of answer) body += chunk;
    resolve(body);
  })
    .on('error', reject)
    .end();
  return promise;
}
