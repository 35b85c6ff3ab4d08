import { sluiceError } from '@sluice/protocol';
import { parseReportReply } from '@sluice/protocol/schemas';
import type { ReportOptions } from '../commands/report.ts';
import { openAtomically } from '../files/atomic-file.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { findAdminToken } from '../publish/admin-token.ts';
import { askAdmin, fetchAdmin } from '../publish/post-content.ts';
import { print, printJson } from '../terminal/print.ts';
import { reportLines } from './report-lines.ts';

const path = '/admin/reports';
/** Rows that a terminal is shown unless told otherwise. */
const terminalRows = 50;

/** `sluice report`. @throws InvalidArgument, TargetUnwritable, as `askAdmin` */
export async function report(name: string | undefined, options: ReportOptions): Promise<void> {
  const format = options.csv ? 'csv' : options.parquet ? 'parquet' : 'json';
  if (format === 'parquet' && options.output === undefined) {
    const detail = 'is needed: Parquet is nothing for a terminal';
    throw sluiceError('InvalidArgument', { name: '--output', detail });
  }
  const token = await findAdminToken(options.cloud, options.tokenFile);
  using stop = listenForStop();
  if (name === undefined) return listReports(options, token, stop.signal);
  const isTable = !options.json && format === 'json' && options.output === undefined;
  const asked = `${path}/${encodeURIComponent(name)}?${queryOf(options, format, isTable)}`;
  if (isTable) {
    const reply = await askAdmin(options.cloud, token, { method: 'GET', path: asked }, stop.signal);
    for (const line of reportLines(parseReportReply(reply))) print(line);
    return;
  }
  // The file first: who cannot write it need not ask.
  if (options.output !== undefined) {
    await using file = await openAtomically(options.output);
    const body = await fetchAdmin(
      options.cloud,
      token,
      { method: 'GET', path: asked },
      stop.signal,
    );
    await file.commit(body);
    return;
  }
  const body = await fetchAdmin(options.cloud, token, { method: 'GET', path: asked }, stop.signal);
  for await (const chunk of body) {
    if (!process.stdout.write(chunk))
      await new Promise((done) => process.stdout.once('drain', done));
  }
}

async function listReports(options: ReportOptions, token: string, signal: AbortSignal) {
  const reply = await askAdmin(options.cloud, token, { method: 'GET', path }, signal);
  if (options.json) return printJson(reply);
  const names = (reply as { Reports?: { Name?: unknown }[] } | undefined)?.Reports;
  if (!Array.isArray(names)) {
    throw sluiceError('ServiceInvalidReply', { service: 'the cloud', detail: 'no reports' });
  }
  for (const { Name } of names) if (/^[a-z-]+$/.test(String(Name))) print(String(Name));
}

function queryOf(options: ReportOptions, format: string, isTable: boolean): URLSearchParams {
  const { from, to, tenant, by, content, device, sourceRate } = options;
  const limit = options.limit ?? (isTable ? terminalRows : undefined);
  const given = {
    from,
    to,
    tenant,
    by,
    content,
    device,
    sourceBps: sourceRate && Math.round(sourceRate),
    limit,
    format,
  };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) query.set(key, String(value));
  }
  return query;
}
