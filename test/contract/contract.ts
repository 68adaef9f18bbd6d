import { Contract } from '../support/openapi.ts';
import { readRestDocuments } from '../support/openapi-documents.ts';

/** Read once; undefined where they are missing, and then only the tests' own expectations hold. */
export const documents = await readRestDocuments();
export const contract = documents && new Contract(documents);
if (contract === undefined) console.warn('skipped: checks against ../shared/rest-v3, which is not there');
