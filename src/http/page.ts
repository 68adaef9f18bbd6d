import type { AppError } from '../lib/errors.ts';
import { errorHeaders, problem, statusOf } from './problem.ts';

const SECURITY_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** An error for whoever asks: a small page for browsers, problem details for programs. */
export function errorAnswer(request: Request, error: AppError, headers: Record<string, string> = {}): Response {
  if (!wantsHtml(request)) return problem(error, { ...headers, vary: 'accept' });
  const status = statusOf(error);
  return new Response(page(status, error.message), {
    status,
    headers: { ...SECURITY_HEADERS, ...errorHeaders(status), ...headers, vary: 'accept' },
  });
}

/** Browsers name text/html first when they navigate; a plain wildcard is a program. */
function wantsHtml(request: Request): boolean {
  return request.headers.get('accept')?.includes('text/html') ?? false;
}

/** Only texts of ours come in here, never anything that a visitor sent. */
function page(status: number, message: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${status}</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
  body { display: grid; place-content: center; min-height: 90vh; margin: 0; padding: 1rem; text-align: center; }
  h1 { margin: 0; font-size: 4rem; font-weight: 300; }
</style>
<h1>${status}</h1>
<p>${message}</p>
</html>
`;
}
