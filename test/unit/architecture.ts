import { dirname, join } from 'node:path/posix';

/** A module below src/, its path relative to that folder. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const FEATURES = [
  'short-urls',
  'tags',
  'domains',
  'redirect-rules',
  'robots',
  'mercure',
  'api-keys',
  'visits',
  'health',
  'docs',
];

/** From the top: a module imports from its own layer and from those below it. */
const LAYERS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['commands'],
  [
    'api.ts',
    'app.ts',
    'services.ts',
    'follow-changes.ts',
    'settings.ts',
    'startup.ts',
    'web.ts',
    'metrics',
    'rate-limits.ts',
    'limited-api.ts',
    'recorder.ts',
    'supervisor',
  ],
  ['config.ts', 'config'],
  FEATURES,
  ['redirect'],
  ['codes', 'db', 'http'],
  ['lib', 'observability'],
];

const MAX_LINES = 300;

interface Import {
  readonly from: string;
  /** A path relative to src/, or the name of a package. */
  readonly to: string;
}

interface Rule {
  readonly says: string;
  breaks(an: Import): boolean;
}

const RULES: readonly Rule[] = [
  { says: 'imports go down only', breaks: ({ from, to }) => layer(from) !== Infinity && layer(to) < layer(from) },
  { says: 'the redirect knows no Elysia', breaks: ({ from, to }) => top(from) === 'redirect' && /^@?elysia/.test(to) },
  {
    says: "a feature leaves another one's store alone",
    breaks: ({ from, to }) => isFeature(from) && isFeature(to) && to.endsWith('/store.ts') && top(to) !== top(from),
  },
];

/** Everything in the modules that breaks the rules of the house, one readable line each. */
export function violations(files: readonly SourceFile[]): string[] {
  const imports = files.flatMap(importsOf);
  return [
    ...imports.flatMap((an) =>
      RULES.filter((rule) => rule.breaks(an)).map(({ says }) => `${an.from} → ${an.to}: ${says}`),
    ),
    ...files
      .filter(({ path }) => layer(path) === Infinity)
      .map(({ path }) => `${path}: ${top(path)} stands in no layer, add it to LAYERS`),
    ...files.filter(readsEnvironment).map(({ path }) => `${path}: only config.ts reads the environment`),
    ...files
      .filter(({ text }) => lines(text) > MAX_LINES)
      .map(({ path, text }) => `${path}: ${lines(text)} lines, ${MAX_LINES} are the most`),
    ...cycles(imports).map((cycle) => `${cycle.join(' → ')}: imports form a cycle`),
  ];
}

/**
 * All imports of a module: Bun's parser leaves out those of types, which count just as much, so they are found by
 * their text; it is formatted uniformly.
 */
export function importsOf({ path, text }: SourceFile): Import[] {
  const specifiers = new Set(
    new Bun.Transpiler({ loader: 'ts' }).scanImports(program(text)).map((found) => found.path),
  );
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)/gm))
    specifiers.add(specifier);
  for (const [, specifier = ''] of text.matchAll(/\bimport\(['"]([^'"]+)['"]\)/g)) specifiers.add(specifier);
  return [...specifiers].map((to) => ({ from: path, to: to.startsWith('.') ? join(dirname(path), to) : to }));
}

/** Position of a path's layer, counted from the top; packages and what lies outside src/ are below all. */
function layer(path: string): number {
  const index = LAYERS.findIndex((names) => names.includes(top(path)));
  return index === -1 ? Infinity : index;
}

function top(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

function isFeature(path: string): boolean {
  return FEATURES.includes(top(path));
}

/** Asks the parser, because comments and strings may well speak of process.env. */
function readsEnvironment({ path, text }: SourceFile): boolean {
  if (['config.ts', 'config'].includes(top(path))) return false;
  const names = ['process.env', 'process.env.NODE_ENV', 'Bun.env', 'import.meta.env'];
  const define = Object.fromEntries(names.map((name) => [name, '__ENVIRONMENT__']));
  return new Bun.Transpiler({ loader: 'ts', define }).transformSync(program(text)).includes('__ENVIRONMENT__');
}

/** Without the line for the shell, which the transpiler's API does not take. */
function program(text: string): string {
  return text.replace(/^#!.*/, '');
}

function lines(text: string): number {
  return text.trimEnd().split('\n').length;
}

/** Each cycle that a walk through the imports comes upon, as the modules along it, the first repeated at the end. */
function cycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const { to } of targets.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
