import manifest from '../../package.json';

/** This program's version, as in package.json: `1.2.3`. */
export const VERSION: string = manifest.version;
