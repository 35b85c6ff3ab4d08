import type { DecisionRecord, RuleBookEntry, SourceView } from '@sluice/engine';
import type { DownloadStatus, DownloadWhy } from '@sluice/protocol';
import type { DownloadProgress } from '../download/download-progress.ts';
import type { DownloadLog } from './download-log.ts';

/** A download's record of why, as the local API shows it. @param startedAt on the clock of the log, ms. */
export function whyOf(
  status: DownloadStatus,
  log: DownloadLog,
  progress: DownloadProgress,
  startedAt: number,
): DownloadWhy {
  const { decisions } = log;
  return {
    Id: status.Id,
    FileId: status.FileId,
    SourceURL: status.SourceURL,
    Output: status.Output,
    State: status.State,
    Error: status.Error,
    DownloadMode: status.DownloadMode,
    DownloadModeReason: status.DownloadModeReason,
    FileSize: status.FileSize,
    ResumedBytes: status.ResumedBytes,
    DuplicateBytes: status.DuplicateBytes,
    NumPeers: log.namedPeers(progress),
    Bytes: decisions.tallies().map(({ from, reason, asked, pieces, bytes }) => ({
      Source: from,
      Reason: reason,
      AskedPieces: asked,
      Pieces: pieces,
      Bytes: bytes,
    })),
    Sources: log.sources(progress).map(sourceOf),
    RuledOut: log.ruledOut(progress).map(ruledOutOf),
    Decisions: decisions.records().map((record) => decisionOf(record, startedAt)),
    DecisionCount: decisions.count,
  };
}

const states = {
  ready: 'Ready',
  choked: 'Choked',
  resting: 'Resting',
  dead: 'Dead',
  gone: 'Gone',
} as const satisfies Record<SourceView['state'], string>;

function sourceOf(s: SourceView): DownloadWhy['Sources'][0] {
  const { from: Source, label: Label, asked: AskedPieces, pieces: Pieces, bytes: Bytes } = s;
  return { Source, Label, State: states[s.state], AskedPieces, Pieces, Bytes };
}

const affects = { download: 'peers', upload: 'upload', cache: 'cache', http: 'http' } as const;

function ruledOutOf({ ruledOut, count, subjects }: RuleBookEntry): DownloadWhy['RuledOut'][0] {
  return {
    Rule: ruledOut.rule,
    SetBy: ruledOut.setBy ?? null,
    Affects: affects[ruledOut.affects],
    PeerClass: ruledOut.peerClass ?? null,
    Limit: ruledOut.limit,
    Actual: ruledOut.actual,
    Remedy: ruledOut.remedy,
    Count: count,
    Subjects: subjects,
  };
}

function decisionOf(r: DecisionRecord, startedAt: number): DownloadWhy['Decisions'][0] {
  const since = (at: number) => Math.max(0, Math.round(at - startedAt));
  if (!('source' in r)) return { AtMs: since(r.at), Type: r.type };
  const { label, from } = r.source;
  const common = { AtMs: since(r.at), Type: r.type, Source: from, Label: label };
  if (r.type === 'asked') return { ...common, ...requestOf(r) };
  if (r.type === 'gone') return { ...common, Pieces: r.pieces, Bytes: r.bytes };
  if (r.type === 'backedOff') return { ...common, Because: r.because, UntilMs: since(r.until) };
  return 'because' in r ? { ...common, Because: r.because } : common;
}

function requestOf({
  reason,
  run,
  pieces,
  holders,
  weighed,
}: Extract<DecisionRecord, { type: 'asked' }>) {
  const request = { Reason: reason, FirstPiece: run.first, Pieces: pieces, Holders: holders };
  if (!weighed) return request;
  const { ownMs, otherMs } = weighed;
  // JSON has no infinity.
  const OtherMs = Number.isFinite(otherMs) ? Math.round(otherMs) : null;
  return { ...request, OwnMs: Math.round(ownMs), OtherMs };
}
