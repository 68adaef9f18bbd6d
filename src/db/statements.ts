// Each alternative is one thing in which a semicolon means nothing. In this order: escape strings, strings, quoted
// names, dollar quotes ($ inside a name like a$b is none), line comments.
const OPAQUE = /(?<![\w$])e'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$(\w*)\$.*?\$\1\$|--[^\n]*/
  .source;
const TOKEN = new RegExp(`${OPAQUE}|(?<end>;)|(?<bad>['"]|/\\*|(?<![\\w$])\\$\\w*\\$|\\bbegin\\s+atomic\\b)`, 'gis');

/**
 * Cuts SQL at the semicolons that end statements; comments stay with the statement after them. It knows what
 * migrations are written in and throws on the rest: block comments (they nest), `begin atomic` bodies, open quotes.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token.groups?.bad) throw new SyntaxError(`cannot split SQL at ${where(text, token.index)}: ${token[0]}`);
    if (!token.groups?.end) continue;
    statements.push(text.slice(start, token.index).trim());
    start = token.index + 1;
  }
  const rest = text.slice(start);
  if (!isOnlyComments(rest)) throw new SyntaxError(`the last SQL statement has no semicolon: ${rest.trim()}`);
  return statements;
}

function isOnlyComments(text: string): boolean {
  return text.replace(/--[^\n]*/g, '').trim() === '';
}

function where(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
