import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

const maxScenarioBytes = 1 << 20;

/** The text of a scenario file. @throws FileUnreadable, ScenarioInvalid when it is too large to be one */
export async function readScenario(file: string): Promise<string> {
  const bytes = await readBounded(file, maxScenarioBytes);
  if (bytes.length > maxScenarioBytes) {
    throw sluiceError('ScenarioInvalid', { scenario: file, detail: 'larger than 1 MiB' });
  }
  return new TextDecoder().decode(bytes);
}
