export type Fetch = (request: Request) => Response | Promise<Response>;

/** The same answers, each asking the client to open a new connection for its next request (RFC 9112, section 9.6). */
export function closing(fetch: Fetch): Fetch {
  return (request) => {
    const answer = fetch(request);
    return answer instanceof Promise ? answer.then(close) : close(answer);
  };
}

function close(answer: Response): Response {
  answer.headers.set('connection', 'close');
  return answer;
}
