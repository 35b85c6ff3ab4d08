export { type ErrorCode, type ErrorEntry, ExitCode, errorCatalogue } from './catalogue.ts';
export {
  type ErrorParams,
  isSluiceError,
  SluiceError,
  sluiceError,
  toSluiceError,
} from './sluice-error.ts';
