/** SQL files are imported as text, so that they are part of the binary: `import sql from './x.sql' with { type: 'text' }`. */
declare module '*.sql' {
  const text: string;
  export default text;
}
