/**
 * The same text with memory of its own. A part of another text keeps all of that in memory: a path that is cut out of a
 * URL keeps its query, which may be kilobytes long. Well-formed texts only.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
