/**
 * The second face of the package: what checks messages of the services and of the local API. Apart from
 * the first because the schema library takes longer to load than a small file to download.
 * @module
 */
export { DownloadRequestSchema } from './local-api/download-request.ts';
export { DownloadWhySchema, parseDownloadWhy } from './local-api/download-why.ts';
export {
  ErrorReportSchema,
  JobFaultSchema,
  JobFilterSchema,
  JobPropertiesSchema,
  JobStartSchema,
  JobStateSchema,
  JobStatusSchema,
} from './local-api/jobs.ts';
export * from './services/index.ts';
