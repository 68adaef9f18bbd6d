export { listController } from './list.ts';
export { shortUrlsController } from './rest.ts';
export { bulkController } from './rest-bulk.ts';
export { shortenController } from './shorten.ts';
export { singleStepController } from './single-step.ts';
