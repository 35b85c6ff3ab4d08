import { isAbsolute } from 'node:path';
import { type JobProperties, type JobState, sluiceError } from '@sluice/protocol';
import { JobPropertiesSchema } from '@sluice/protocol/schemas';
import { Check } from 'typebox/value';
import { checkHttpUrl } from '../download/check-request.ts';
import { areHeaders } from './http-headers.ts';
import { checkSettable } from './property-rules.ts';

/**
 * Checks values that a caller sets.
 * @throws PropertyUnknown, PropertyUnsupported, PropertyReadOnly, PropertyInvalid, JobInvalidState.
 */
export function checkProperties(
  given: Readonly<Record<string, unknown>>,
  state: JobState,
): JobProperties {
  const values: JobProperties = {};
  for (const [name, value] of Object.entries(given)) {
    checkSettable(name, state);
    if (!Check(JobPropertiesSchema.properties[name], value)) throw invalid(name, value);
    if (name === 'Uri') checkHttpUrl('Uri', String(value));
    if (name === 'Mirrors') for (const url of value as string[]) checkHttpUrl(name, url);
    if (name === 'LocalPath' && (!isAbsolute(String(value)) || String(value).includes('\0'))) {
      throw invalid(name, value);
    }
    if (name.startsWith('HttpCustom') && !areHeaders(String(value))) {
      throw sluiceError('PropertyInvalid', { name, value: 'these lines: they take Name: value' });
    }
    Object.assign(values, { [name]: value });
  }
  return values;
}

function invalid(name: string, value: unknown): Error {
  return sluiceError('PropertyInvalid', { name, value: JSON.stringify(value)?.slice(0, 100) });
}
