import { type JobProperties, type JobState, sluiceError } from '@sluice/protocol';

type Name = keyof JobProperties;

/** In which states a property may be set; DO's documents name them for Uri and LocalPath. */
const settable: Record<Name, readonly JobState[]> = {
  Uri: ['Created', 'Paused'],
  ContentId: ['Created'],
  DisplayName: ['Created', 'Transferring', 'Paused', 'Transferred'],
  LocalPath: ['Created'],
  NoProgressTimeoutSeconds: ['Created', 'Transferring', 'Paused', 'Transferred'],
  ForegroundPriority: ['Created', 'Transferring', 'Paused', 'Transferred'],
  IntegrityCheckMandatory: ['Created', 'Paused'],
  HttpCustomHeaders: ['Created', 'Paused'],
  HttpCustomAuthHeaders: ['Created', 'Paused'],
  HashOfHashes: ['Created', 'Paused'],
  PhfUrl: ['Created', 'Paused'],
  Sha256: ['Created', 'Paused'],
  CacheHosts: ['Created', 'Paused'],
  Mirrors: ['Created', 'Paused'],
  Mode: ['Created', 'Paused'],
  GroupId: ['Created', 'Paused'],
  CloudUrl: ['Created', 'Paused'],
};

const readOnly = ['Id', 'TotalSizeBytes'];
/** Of Windows. */
const unsupported = [
  'HttpAllowSecureToNonSecureRedirect',
  'CostPolicy',
  'SecurityFlags',
  'SecurityContext',
  'NetworkToken',
  'CallbackFreqPercent',
  'CallbackFreqSeconds',
  'CallbackInterface',
  'StreamInterface',
  'BlockingMode',
  'NonVolatile',
  'CorrelationVector',
  'DecryptionInfo',
  'IntegrityCheckInfo',
  'DisallowOnCellular',
];

/** Secrets. */
const writeOnly = ['HttpCustomAuthHeaders'];

/** @throws PropertyUnknown, PropertyUnsupported, PropertyWriteOnly. */
export function checkReadable(name: string): asserts name is Name | 'Id' | 'TotalSizeBytes' {
  checkKnown(name);
  if (writeOnly.includes(name)) throw sluiceError('PropertyWriteOnly', { name });
}

function checkKnown(name: string): asserts name is Name | 'Id' | 'TotalSizeBytes' {
  if (Object.hasOwn(settable, name) || readOnly.includes(name)) return;
  throw unsupported.includes(name)
    ? sluiceError('PropertyUnsupported', { name })
    : sluiceError('PropertyUnknown', { name });
}

/** @throws PropertyUnknown, PropertyUnsupported, PropertyReadOnly, JobInvalidState. */
export function checkSettable(name: string, state: JobState): asserts name is Name {
  checkKnown(name);
  if (readOnly.includes(name)) throw sluiceError('PropertyReadOnly', { name });
  if (settable[name as Name].includes(state)) return;
  throw sluiceError('JobInvalidState', { state, action: `have its ${name} set` });
}
