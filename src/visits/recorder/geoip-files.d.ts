/** Imported `with { type: 'file' }`: the path of a file that `bun build --compile` puts into the binary. */
declare module '*.mmdb' {
  const path: string;
  export default path;
}
