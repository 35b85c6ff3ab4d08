import path from 'node:path';
import { type DownloadWhy, sluiceError } from '@sluice/protocol';
import { defaultDataDir } from '../paths/data-dir.ts';
import { paintFor } from '../terminal/colour.ts';
import { print, printJson } from '../terminal/print.ts';
import { explain } from './explain.ts';
import { findDownload } from './find-download.ts';

const defaultLines = 10;

/**
 * `sluice why`: asks the running agent.
 * @throws NoAgent, DownloadUnknown, AgentLost, ServiceRefused.
 */
export async function why(
  name: string,
  options: { dataDir?: string; decisions?: number; json?: boolean },
): Promise<void> {
  const { connectLocalApi } = await import('@sluice/agent/local-api');
  const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
  await using client = await connectLocalApi(dataDir);
  if (!client) throw sluiceError('NoAgent', { dataDir });
  const { Downloads } = await client.status();
  printWhy(await client.why(findDownload(Downloads, name).Id), options);
}

/** Shows the record in the format that was asked for. @param options.decisions lines, or with `json` objects, of decisions. */
export function printWhy(
  record: DownloadWhy,
  options: { decisions?: number | undefined; json?: boolean | undefined },
): void {
  const { decisions, json } = options;
  if (!json) {
    print(explain(record, decisions ?? defaultLines, paintFor(process.stdout)));
    return;
  }
  const first = record.Decisions.length - (decisions ?? record.Decisions.length);
  printJson({ ...record, Decisions: record.Decisions.slice(Math.max(0, first)) });
}
