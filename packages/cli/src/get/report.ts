import type { DownloadStatus, DownloadWhy } from '@sluice/protocol';
import { printReport } from '../errors/report-error.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { paintFor } from '../terminal/colour.ts';
import { downloadView } from '../terminal/download-view.ts';
import { print, printJson } from '../terminal/print.ts';
import { openProgress } from '../terminal/progress-display.ts';
import { printWhy } from '../why/why.ts';
import { seedingLine, summary } from './summary.ts';

/** Where a download shows its progress and result, in the format that was asked for. */
export interface GetReport {
  show(status: DownloadStatus): void;
  note(text: string): void;
  /** Says how it ended. @throws ReportedFailure when the download failed. */
  finish(status: DownloadStatus): void;
  /** Says why its bytes came from where they came. With --json a second object. */
  explain(why: DownloadWhy): void;
  /** Says what peers got, bytes. With --json a second object. */
  seeded(bytes: number): void;
  /** Ends the bar. */
  [Symbol.dispose](): void;
}

export async function openReport(options: { json?: boolean; quiet?: boolean }): Promise<GetReport> {
  const { json = false, quiet = false } = options;
  const { stderr } = process;
  const wanted = !json && !quiet;
  const display = await openProgress({ stream: stderr, paint: paintFor(stderr), wanted });
  const noted = new Set<string>();
  const note = (text: string) => {
    if (!noted.has(text)) display.log(`sluice: note: ${text}`);
    noted.add(text);
  };
  return {
    note,
    show(status) {
      for (const text of status.Notes) note(text);
      display.update(downloadView(status));
    },
    finish(status) {
      display.stop();
      if (json) printJson(status);
      if (status.Error) {
        printReport(status.Error);
        throw new ReportedFailure(status.Error.ExitCode);
      }
      if (wanted) print(summary(status, paintFor(process.stdout)));
    },
    explain(why) {
      display.stop();
      printWhy(why, { json });
    },
    seeded(bytes) {
      if (json) printJson({ BytesToPeers: bytes });
      else if (wanted) print(seedingLine(bytes));
    },
    [Symbol.dispose]: () => display.stop(),
  };
}
