/** `host[:port]` as domains are known: lower case, IDNA, without the scheme's default port and a trailing dot. */
export function authorityOf(url: URL): string {
  return url.host.replace(/\.(?=:|$)/, '');
}

/**
 * Whether the host of a parsed http(s) URL can exist: an IP address, or labels of letters, digits, hyphens and
 * underscores. WHATWG parsers let more through (`*google.com`, `www..google.com`), which no resolver finds.
 */
export function isResolvable(url: URL): boolean {
  const { hostname } = url;
  if (hostname.startsWith('[')) return true;
  const name = hostname.replace(/\.$/, '');
  return name.length <= 253 && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(name);
}

/**
 * Whether the host as it was typed (text up to the first `/`, `?`, `#` or `:`) looks like one, so that `http://` may
 * be put in front: it has a dot, or is `localhost` or an IPv6 address. The parsed host would not tell: `12345` is
 * `0.0.48.57` there. IDNA takes three further characters as dots (UTS 46).
 */
export function looksLikeHost(text: string): boolean {
  const [typed = ''] = text.split(/[/?#:\\]/, 1);
  return text.startsWith('[') || typed.toLowerCase() === 'localhost' || /[.\u3002\uff0e\uff61]/.test(typed);
}
