/** A promise of test/PROMISES.md with the tests that would be red without it. */
export interface Promised {
  readonly id: string;
  readonly tests: { readonly file: string; readonly name: string }[];
  /** Rows that could not be read, which would else be promises that nobody checks. */
  readonly odd: string[];
}

const PROMISE = /^(?<id>[A-Z]\d+) ./;
const TEST = /^`(?<file>[^`]+)`: (?<name>.+)$/;

/** Reads the tables: a row with an id is a promise, one without is a further test of the promise above. */
export function readPromises(markdown: string): Promised[] {
  const promises: Promised[] = [];
  for (const row of markdown.split('\n').filter((line) => /^\|(?! Promise |[ -]*-)/.test(line))) {
    const [promise = '', test = ''] = row.slice(1, -1).split('|').map(trimmed);
    const id = PROMISE.exec(promise)?.groups?.id;
    const { file, name } = TEST.exec(test)?.groups ?? {};
    const isOdd = promise === '' ? file === undefined : id === undefined;
    if (isOdd) promises.push({ id: '', tests: [], odd: [row] });
    else if (id !== undefined) promises.push({ id, tests: [], odd: [] });
    if (!isOdd && file !== undefined && name !== undefined) promises.at(-1)?.tests.push({ file, name });
  }
  return promises;
}

function trimmed(cell: string): string {
  return cell.trim();
}

/** What is wrong with the promises, given the texts of files by their paths. */
export async function complaints(
  promises: readonly Promised[],
  read: (path: string) => Promise<string | undefined>,
): Promise<string[]> {
  const found = promises.map(async ({ id, tests, odd }) => {
    if (odd.length > 0) return odd.map((row) => `not understood: ${row}`);
    if (tests.length === 0) return [`${id} has no test`];
    return Promise.all(tests.map(async ({ file, name }) => complaint(id, file, name, await read(file))));
  });
  return (await Promise.all(found)).flat().filter((text) => text !== undefined);
}

function complaint(id: string, file: string, name: string, source: string | undefined): string | undefined {
  if (source === undefined) return `${id}: there is no ${file}`;
  if (!isNamed(source, name)) return `${id}: no test of ${file} is named "${name}"`;
  return undefined;
}

/** Whether a string of the source is that name: names are also given by variables, and on lines of their own. */
function isNamed(source: string, name: string): boolean {
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal));
}
