import { migrate } from '../../src/db/migrate.ts';
import { createLogger } from '../../src/observability/log.ts';

// A process of its own that migrates the database named by its argument and prints what it applied.
const [databaseUrl = ''] = process.argv.slice(2);
const { applied } = await migrate({ databaseUrl, log: createLogger('silent') });
process.stdout.write(JSON.stringify(applied));
