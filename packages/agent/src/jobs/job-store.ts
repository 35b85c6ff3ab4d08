import { join } from 'node:path';
import type { Logger } from 'pino';
import type { FileOps } from '../store/index.ts';
import { asJob, type Job } from './job.ts';
import { RecordStore } from './record-store.ts';

/** Jobs in `<dataDir>/jobs`. */
export class JobStore extends RecordStore<Job> {
  constructor(dataDir: string, logger: Logger, files?: FileOps) {
    super(join(dataDir, 'jobs'), asJob, logger, files);
  }
}
