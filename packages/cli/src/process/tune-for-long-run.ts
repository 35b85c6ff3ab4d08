import { setFlagsFromString } from 'node:v8';
import { trains } from '../../bin/code.js';

/**
 * For a service that is to take little of a machine others work on, once it has started. Not sooner: what a start
 * runs once would only fill memory with what it learnt (15 MB), and Node takes none of its own modules from its
 * code cache as long as other flags are set than those it was built with.
 */
export function tuneForLongRun(): void {
  // What V8 compiled is of use to a start only where it was kept with the flags of a start.
  if (process.env[trains]) return;
  // A heap grows by half before it is collected. By V8's own measure it becomes three times as large on a machine
  // with much memory (a thousand small downloads in a row: 260 MB, this way 185 MB); with `--optimize-for-size` (130 MB)
  // it is collected again and again, a sixth of the CPU time of 64 MiB among 20 devices.
  setFlagsFromString('--heap-growing-percent=50');
  // Code learns from its first run on, not from its eighth: a download of seconds runs most of its code so few
  // times that it would spend them learning (a tenth of that CPU time).
  setFlagsFromString('--no-lazy-feedback-allocation');
  // Code is optimized when it has run 5 to 30 times as often as V8 would wait for (400, 100, 3000, 500): a download of
  // seconds ends before what that takes has paid off. With V8's own numbers it cost a twelfth of the CPU time of
  // 64 MiB among 20 devices, with 2000 for the first and V8's for the others still a twentieth.
  setFlagsFromString('--invocation-count-for-maglev=10000');
  setFlagsFromString('--invocation-count-for-maglev-osr=3000');
  setFlagsFromString('--invocation-count-for-turbofan=15000');
  setFlagsFromString('--invocation-count-for-osr=5000');
  // What is young stays in the space that it has by now. V8 would double it each time that much of it is alive when it is
  // collected, up to 48 MB, and never makes it smaller: after five hundred small downloads in a row the process
  // had 166 MB, this way 119, for the same CPU time.
  setFlagsFromString('--semi-space-growth-factor=1');
}
