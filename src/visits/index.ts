export { visitDeletionController } from './deletion-controller.ts';
export { visitListsController } from './lists/controller.ts';
export { visitsOverviewController } from './overview-controller.ts';
export { visitStatsController } from './stats/controller.ts';
