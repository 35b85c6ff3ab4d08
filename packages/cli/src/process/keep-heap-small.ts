import { setFlagsFromString } from 'node:v8';

/**
 * For a service that is to take little of a machine others work on. On a machine with much memory V8
 * lets its heap grow before it collects: a thousand small downloads in a row cost 390 MB of memory
 * without this, 190 MB with it, in the same time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}
