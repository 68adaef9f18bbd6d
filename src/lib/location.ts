/** Whether the text is printable ASCII (0x21–0x7e) throughout, and so can be a header value as it is. */
export function isPrintableAscii(text: string): boolean {
  return !/[^\x21-\x7e]/.test(text);
}

/**
 * Everything but printable ASCII percent-encoded as UTF-8, U+FFFD for a lone surrogate. Never throws. The last line
 * of defence for header values: CR, LF, NUL or a non-ASCII character in one makes the Response constructor throw.
 */
export function toPrintableAscii(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** The same for a path as it came in; what RFC 3986 has outside of paths, and escapes that are none, are encoded too. */
export function pathToPrintableAscii(path: string): string {
  return toPrintableAscii(path).replace(
    /["#<>?[\\\]^`{|}]|%(?![\da-f]{2})/gi,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The Location for a stored long URL: as given if it is printable ASCII, else its WHATWG `href`, whose only
 * characters beyond that are the blanks of an opaque path (`mailto:a b`). Always one line of printable ASCII.
 */
export function locationOf(longUrl: string): string {
  if (isPrintableAscii(longUrl)) return longUrl;
  return toPrintableAscii(URL.parse(longUrl)?.href ?? longUrl);
}
