import { stat } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

const maxScenarioBytes = 1 << 20;
/** What this process has open already, as `… | sluice simulate /dev/stdin` and `<(…)` name it: there is a writer. */
const isOpenHere = /^\/(dev\/stdin|dev\/fd\/\d+|proc\/self\/fd\/\d+)$/;

/** The text of a scenario file. @throws FileUnreadable, ScenarioInvalid when it is too large to be one */
export async function readScenario(file: string): Promise<string> {
  // Opening a pipe that nobody writes to would wait for ever; what is not there is told on opening it.
  const there = isOpenHere.test(file) ? undefined : await stat(file).catch(() => undefined);
  if (there && !there.isFile()) {
    throw sluiceError('FileUnreadable', { path: file, detail: 'it is no regular file' });
  }
  const bytes = await readBounded(file, maxScenarioBytes);
  if (bytes.length > maxScenarioBytes) {
    throw sluiceError('ScenarioInvalid', { scenario: file, detail: 'larger than 1 MiB' });
  }
  return new TextDecoder().decode(bytes);
}
